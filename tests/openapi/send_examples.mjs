// Builds a request of each operation of /openapi.json from the document's own examples, once with its body and path
// alone and once for each optional parameter; the answer must have the documented status and media type, and must fit
// the documented schema. The document's example answers must fit theirs.
import net from "node:net";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const base = process.env.FLOWSTONE_URL, key = process.env.FLOWSTONE_KEY;

// What must be true of an entity before an operation on it makes sense, itself an operation of the document.
const before = { reopen_task: ["complete_task"], restore_intent: ["archive_intent"] };
// Builds of a projection: one is under way, is ready beside the serving one, or has been replaced.
const beforeProjection = {
  cancel_rebuild: [["rebuild", { auto_switch: false }]],
  switch_projection: [["rebuild", { auto_switch: false }]],
  rollback_projection: [["rebuild", { auto_switch: false }], ["switch", {}]],
};

const document = await (await fetch(`${base}/openapi.json`)).json();
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema(document, "document");
const findings = [];
let requests = 0;

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ ...operation, path, method: method.toUpperCase() })));
const operationNamed = (name) => operations.find((operation) => operation.operationId === name);
const pointer = (text) => text.replaceAll("~", "~0").replaceAll("/", "~1");
const resolve = (thing) =>
  thing.$ref ? thing.$ref.slice(2).split("/").reduce((at, name) => at[name], document) : thing;

function validate(where, schema, value) {
  const check = ajv.compile(schema.$ref ? { $ref: `document${schema.$ref}` } : schema);
  if (!check(value)) findings.push(`${where}: ${ajv.errorsText(check.errors, { separator: "; " })}`);
}

// Schemas below `content` hold references; they are compiled where they stand.
function validateContent(where, operation, status, media, value) {
  const at = `document#/paths/${pointer(operation.path)}/${operation.method.toLowerCase()}` +
    `/responses/${status}/content/${pointer(media)}/schema`;
  validate(where, { $ref: at.slice("document".length) }, value);
}

const successOf = (operation) => Object.keys(operation.responses).find((status) => status.startsWith("2"));
const bodyOf = (operation) => operation.requestBody?.content["application/json"].example;

async function send(operation, path, { query = "", headers = {}, body = bodyOf(operation), accept } = {}) {
  ++requests;
  const media = accept ?? Object.keys(resolve(operation.responses[successOf(operation)]).content)[0];
  return fetch(base + path + query, {
    method: operation.method,
    headers: {
      ...(operation.security?.length === 0 ? {} : { Authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }), Accept: media, ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}

async function must(operation, path, options) {
  const answer = await send(operation, path, options);
  if (!answer.ok) throw new Error(`${operation.method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}

let made = 0;
// A fresh entity of the collection, made of the example of its POST; a unique code gets a number.
async function make(collection) {
  const create = operations.find(({ path, method }) => path === collection && method === "POST");
  const body = structuredClone(bodyOf(create));
  if (body.code) body.code += `_${++made}`;
  const answer = await must(create, collection, { body });
  await shown(collection, answer);
  return (await answer.json()).id;
}

// Views follow the log; waits until the one of the collection shows what the command wrote.
async function shown(collection, answer) {
  const list = operations.find(({ path, method }) => path === collection && method === "GET");
  await must(list, collection, { query: `?limit=1&min_position=${answer.headers.get("Flowstone-Position")}` });
}

async function projectionReady(name) {
  for (let round = 0; round < 600; ++round) {
    const status = await (await must(operationNamed("get_projection"), `/v1/projections/${name}`)).json();
    if (status.state !== "building" && !status.builds?.some(({ role }) => role === "building")) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`projection ${name} does not come to rest`);
}

// The operation's path with everything in place that the request needs.
async function prepare(operation) {
  const { path, operationId } = operation;
  if (path.includes("{id}")) {
    const collection = path.slice(0, path.indexOf("/{id}"));
    const id = await make(collection);
    for (const name of before[operationId] ?? []) {
      const first = operationNamed(name);
      await shown(collection, await must(first, first.path.replace("{id}", id)));
    }
    return path.replace("{id}", id);
  }
  if (path.includes("{stream}")) return path.replace("{stream}", `task-${await make("/v1/tasks")}`);
  if (path.includes("{name}")) {
    const name = operation.parameters.map(resolve).find(({ name: called }) => called === "name").example;
    for (const [step, body] of beforeProjection[operationId] ?? []) {
      await projectionReady(name);
      await must(operationNamed(`${step}_projection`), `/v1/projections/${name}/${step}`, { body });
    }
    await projectionReady(name);
    return path.replace("{name}", name);
  }
  return path;
}

async function judge(where, operation, answer, media) {
  const status = successOf(operation);
  const text = await answer.text();
  if (String(answer.status) !== status) return findings.push(`${where}: ${answer.status} ${text.slice(0, 300)}`);
  const type = (answer.headers.get("Content-Type") ?? "").split(";")[0];
  if (type !== media) return findings.push(`${where}: the answer is ${type}, not ${media}`);
  const promised = media === "application/json" ? operation.responses[status].headers ?? {} : {};
  for (const [name, header] of Object.entries(promised)) {
    const value = answer.headers.get(name);
    if (value === null) findings.push(`${where}: the answer has no ${name}`);
    else if (resolve(header).schema.type === "integer" && !/^\d+$/.test(value)) findings.push(`${where}: ${name}: ${value}`);
  }
  if (media === "application/json") validateContent(where, operation, status, media, JSON.parse(text));
  if (media === "application/x-ndjson")
    for (const line of text.split("\n").filter(Boolean)) validateContent(where, operation, status, media, JSON.parse(line));
  if (media === "text/event-stream") judgeServerSentEvents(where, operation, status, text);
}

// Each event's data is what a line of NDJSON would be.
function judgeServerSentEvents(where, operation, status, text) {
  const data = text.split("\n").filter((line) => line.startsWith("data:")).map((line) => line.slice(5));
  if (data.length === 0) findings.push(`${where}: no event came`);
  for (const line of data) {
    const item = JSON.parse(line);
    if (item.type || item.name) validateContent(where, operation, status, "application/x-ndjson", item);
  }
}

function judgeWebSocket(operation, path) {
  const { hostname, port } = new URL(base);
  return new Promise((done) => {
    const socket = net.connect(port, hostname);
    let received = Buffer.alloc(0);
    const end = (finding) => {
      socket.destroy();
      if (finding) findings.push(`${operation.operationId} as a WebSocket: ${finding}`);
      done();
    };
    socket.setTimeout(20_000, () => end("no frame came"));
    socket.on("error", (error) => end(String(error)));
    socket.on("data", (bytes) => {
      received = Buffer.concat([received, bytes]);
      const head = received.indexOf("\r\n\r\n");
      if (head < 0) return;
      if (!received.subarray(0, head).toString().startsWith("HTTP/1.1 101 ")) return end(received.toString());
      const frame = received.subarray(head + 4);
      const long = frame[1] === 126;  // the length is in the next two bytes
      const start = long ? 4 : 2, size = long ? (frame.length < 4 ? Infinity : frame.readUInt16BE(2)) : frame[1];
      if (frame.length < 2 || frame.length < start + size) return;
      validateContent(`${operation.operationId} as a WebSocket`, operation, "200", "application/x-ndjson",
        JSON.parse(frame.subarray(start, start + size).toString()));
      end();
    });
    ++requests;
    socket.write(`GET ${path}?from=1 HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${key}\r\n` +
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  });
}

const asText = (value) => (Array.isArray(value) ? value.join(",") : String(value));

// The query or header that carries a parameter's example.
function carrying(parameter) {
  if (parameter.in === "header") return { headers: { [parameter.name]: asText(parameter.example) } };
  return { query: `?${parameter.name}=${encodeURIComponent(asText(parameter.example))}` };
}

async function tryOperation(operation) {
  const { operationId } = operation;
  const content = resolve(operation.responses[successOf(operation)]).content;
  if (operation.requestBody && bodyOf(operation) === undefined) findings.push(`${operationId}: the body has no example`);
  for (const [media, { example }] of Object.entries(content)) {
    if (example !== undefined)
      validateContent(`${operationId}: the example answer`, operation, successOf(operation), media, example);
    else if (media === "application/json" && operationId !== "openapi") findings.push(`${operationId}: no example answer`);
    const streamed = media === "application/x-ndjson" || media === "text/event-stream";
    const follows = operation.parameters?.map(resolve).some(({ name }) => name === "follow");
    if (streamed && !follows) continue;  // it never ends; the streaming tests read those
    const path = await prepare(operation);
    const answer = await send(operation, path, { accept: media, query: streamed ? "?follow=false" : "" });
    await judge(`${operationId} as ${media}`, operation, answer, media);
  }
  for (const parameter of (operation.parameters ?? []).map(resolve)) {
    if (parameter.in === "path" || parameter.example === undefined) continue;
    const path = await prepare(operation);
    const options = carrying(parameter);
    if (operation.method === "POST" && operation.path === "/v1/intents")
      options.body = { ...bodyOf(operation), code: `${bodyOf(operation).code}_${++made}` };
    if (parameter.name === "Idempotency-Key") options.headers[parameter.name] += `-${operationId}`;
    const answer = await send(operation, path, { accept: "application/json", ...options });
    await judge(`${operationId} with ${parameter.name}`, operation, answer, "application/json");
  }
  if (operation.responses["101"]) await judgeWebSocket(operation, await prepare(operation));
}

for (const operation of operations) {
  try {
    await tryOperation(operation);
  } catch (error) {
    findings.push(`${operation.operationId}: ${error.message}`);
  }
}
console.log(`${operations.length} operations, ${requests} requests, ${findings.length} findings`);
for (const finding of findings) console.log(`  ${finding}`);
process.exit(findings.length === 0 ? 0 : 1);
