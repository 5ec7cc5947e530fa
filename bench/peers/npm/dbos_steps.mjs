// dbos_steps.mjs PORT DATABASE: serves a DBOS workflow of three durable steps over HTTP, on loopback alone.
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { DBOS } from "@dbos-inc/dbos-sdk";

const run = DBOS.registerWorkflow(
  async (input) => {
    const reserved = await DBOS.runStep(async () => ({ order: `${input.order} reserved` }), { name: "Reserve" });
    const charged = await DBOS.runStep(async () => ({ order: `${reserved.order} charged` }), { name: "Charge" });
    return DBOS.runStep(async () => ({ order: `${charged.order} shipped` }), { name: "Ship" });
  },
  { name: "Order" },
);

async function answer(request, response) {
  const json = JSON.stringify(await run(JSON.parse(await text(request))));
  response.writeHead(200, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(json) }).end(json);
}

DBOS.setConfig({ name: "bench", systemDatabaseUrl: process.argv[3], runAdminServer: false, logLevel: "warn" });
await DBOS.launch();
createServer(answer).listen(Number(process.argv[2]), "127.0.0.1");
