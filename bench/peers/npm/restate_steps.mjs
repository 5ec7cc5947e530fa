// three_steps.mjs PORT: serves Restate a handler of three durable steps, on loopback alone.
import { createServer } from "node:http2";
import { createEndpointHandler, service } from "@restatedev/restate-sdk";

const order = service({
  name: "Order",
  handlers: {
    run: async (context, input) => {
      const reserved = await context.run("Reserve", () => ({ order: `${input.order} reserved` }));
      const charged = await context.run("Charge", () => ({ order: `${reserved.order} charged` }));
      return context.run("Ship", () => ({ order: `${charged.order} shipped` }));
    },
  },
});

createServer(createEndpointHandler({ services: [order] })).listen(Number(process.argv[2]), "127.0.0.1");
