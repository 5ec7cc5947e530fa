// Sends every example of /openapi.json to a real server and holds each answer against the document.
//
// usage: node send_examples.mjs FLOWSTONE
//
// For every operation: the request with what is required alone, and one more for each optional parameter, all from the
// document's own examples. Ids that must exist, and the state that a call needs, are made first with the examples of other
// operations. The answer must have the documented status, media type and headers, and a body that its schema takes; fields
// that the schema does not name are refused. The document's own examples of answers and problems must fit their schemas too.
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const kPatienceMs = 20_000;

// ---- the document ----

let api;
let ajv;
const resolve = (node) => (node?.$ref ? node.$ref.slice(2).split('/').reduce((at, key) => at[key], api) : node);
const operations = () =>
  Object.entries(api.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })));
const named = (operationId) => operations().find((operation) => operation.operationId === operationId);
const parametersOf = (operation) => (operation.parameters ?? []).map(resolve);
const bodyOf = (operation) => Object.entries(operation.requestBody?.content ?? {});
const successOf = (operation) => Object.entries(operation.responses).find(([status]) => status.startsWith('2'));

// Answers may grow, so their schemas are open; here what is not documented counts as wrong.
function closed(node) {
  if (Array.isArray(node)) return node.map(closed);
  if (node === null || typeof node !== 'object') return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]));
  if (node.type === 'object' && node.properties) copy.additionalProperties = false;
  return copy;
}

function prepareValidator() {
  ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  const { schemas } = closed(api.components);
  ajv.addSchema({ $id: 'flowstone:/document', components: { schemas } });
}

const validators = new Map();
// What is wrong with the value, or an empty text.
function mistakes(schema, value) {
  const key = JSON.stringify(schema);
  if (!validators.has(key))
    validators.set(key, ajv.compile(JSON.parse(key.replaceAll('"#/', '"flowstone:/document#/'))));
  const validate = validators.get(key);
  return validate(value) ? '' : validate.errors.map((one) => `${one.instancePath || 'it'} ${one.message} ${JSON.stringify(one.params)}`).join('; ');
}

// ---- what is found ----

const failures = [];
let sent = 0;
let checked = 0;
const expect = (holds, place, sentence) => {
  checked += 1;
  if (!holds) failures.push(`${place}: ${sentence}`);
};
function expectValid(schema, value, place) {
  const wrong = mistakes(schema, value);
  expect(wrong === '', place, `${wrong} in ${JSON.stringify(value)?.slice(0, 400)}`);
}

// ---- the server ----

async function start(flowstone, directory) {
  const server = spawn(flowstone, ['serve', '--demo', '--data', join(directory, 'data'), '--listen', '127.0.0.1:0', '--no-access-log'],
    { stdio: ['ignore', 'pipe', 'pipe'] });
  server.stdout.setEncoding('utf8');
  server.stderr.setEncoding('utf8');
  server.stderr.on('data', (text) => { logged += text; });
  let printed = '';
  for await (const text of server.stdout) {
    printed += text;
    const ready = printed.match(/^ready (\S+)/m);
    if (ready) return { server, url: ready[1], key: readFileSync(join(directory, 'data', 'demo.key'), 'utf8').trim() };
  }
  throw new Error(`the server did not start: ${printed}`);
}

let url;
let key;
let logged = '';

// Streams do not end by themselves: of them the first piece is read.
function exchange(method, target, headers, body, upgrade = false) {
  sent += 1;
  return new Promise((done, failed) => {
    const request = http.request(url + target, { method, headers, timeout: kPatienceMs });
    request.on('timeout', () => request.destroy(new Error(`${method} ${target}: no answer`)));
    request.on('error', failed);
    request.on('upgrade', (answer, socket, first) => {
      const finish = (bytes) => { socket.destroy(); done({ status: answer.statusCode, headers: answer.headers, text: frameText(bytes) }); };
      if (first.length) finish(first);
      else socket.once('data', finish);
    });
    request.on('response', (answer) => {
      const pieces = [];
      const finish = () => done({ status: answer.statusCode, headers: answer.headers, text: Buffer.concat(pieces).toString() });
      const streamed = /ndjson|event-stream/.test(answer.headers['content-type'] ?? '');
      answer.on('data', (piece) => {
        pieces.push(piece);
        if (streamed && /^(?:data: )?\{.*\}\n/m.test(Buffer.concat(pieces).toString())) { finish(); request.destroy(); }
      });
      answer.on('end', finish);
    });
    request.end(body);
  });
}

// The first message of a WebSocket: short enough to come in one frame, unmasked.
function frameText(bytes) {
  const short = bytes[1] & 0x7f;
  const from = short < 126 ? 2 : short === 126 ? 4 : 10;
  const size = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  return bytes.subarray(from, from + size).toString();
}

// ---- requests from examples ----

let turn = 0;
const used = new Set();
// What is unique in the workspace: after its first use the example's value gets a number.
const kUnique = { intent: 'code', extractor: 'name', workflow: 'name', automation: 'name' };
function withFreshValue(operationId, example) {
  const field = kUnique[operationId.split('_').at(-1)];
  const value = example?.[field];
  if (value === undefined) return example;
  if (!used.has(value)) {
    used.add(value);
    return example;
  }
  return { ...example, [field]: `${value}_${(turn += 1)}` };
}

// What examples refer to: a bundle with two versions, evidence in it and an insight on that, and the key that they are sent with.
let known;
const kReferences = {
  bundle_id: () => known.bundle,
  evidence_ids: () => [known.evidence],
  insight_ids: () => [known.insight],
  superseded_by: () => known.insight,
  entity: () => `evidence-${known.evidence}`,
  about: () => `evidence-${known.evidence}`,
  recipient: () => known.self,
};
function withKnownIds(node) {
  if (!known || node === null || typeof node !== 'object') return node;
  if (Array.isArray(node)) return node.map(withKnownIds);
  return Object.fromEntries(Object.entries(node).map(([key, value]) =>
    [key, kReferences[key] ? kReferences[key]() : withKnownIds(value)]));
}

const style = (value) => (Array.isArray(value) ? value.join(',') : String(value));

// The items of a list are files, all other values texts.
function formOf({ schema, example }) {
  const boundary = 'flowstone-examples';
  const part = (disposition, value) => `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${value}\r\n`;
  const parts = Object.entries(example).flatMap(([name, value]) =>
    schema.properties[name].type === 'array'
      ? value.map((bytes, at) => part(`name="${name}"; filename="${at}.md"`, bytes))
      : [part(`name="${name}"`, value)]);
  return [`${parts.join('')}--${boundary}--\r\n`, `multipart/form-data; boundary=${boundary}`];
}

// The operation's example as a request; `values` stand in for examples whose value only this server can know.
function requestOf(operation, { values = {}, only = [], media } = {}) {
  const place = operation.operationId;
  const query = new URLSearchParams();
  const headers = { authorization: `Bearer ${key}` };
  let target = operation.path;
  for (const parameter of parametersOf(operation)) {
    expect(parameter.example !== undefined, place, `the parameter ${parameter.name} has no example`);
    if (!parameter.required && !only.includes(parameter.name)) continue;
    const value = style(values[parameter.name] ?? parameter.example);
    if (parameter.in === 'path') target = target.replace(`{${parameter.name}}`, encodeURIComponent(value));
    else if (parameter.in === 'header') headers[parameter.name] = value;
    else query.set(parameter.name, value);
  }
  if ([...query].length) target += `?${query}`;
  const [type, content] = bodyOf(operation).find(([name]) => !media || name === media) ?? [];
  let body;
  if (type) {
    expect(content.example !== undefined, place, `the body ${type} has no example`);
    body = JSON.stringify(withFreshValue(place, withKnownIds(content.example)));
    headers['content-type'] = type;
    if (type === 'multipart/form-data') [body, headers['content-type']] = formOf(content);
  }
  return { target, headers, body };
}

async function send(operation, options = {}) {
  const request = requestOf(operation, options);
  const answer = await exchange(operation.method, request.target, { ...request.headers, ...options.headers }, request.body);
  return { ...answer, request };
}

// Carries out what another example needs; that must succeed.
async function prepare(operationId, options) {
  const answer = await send(named(operationId), options);
  if (answer.status >= 300) throw new Error(`${operationId}: ${answer.status} ${answer.text}`);
  return { ...answer, body: JSON.parse(answer.text) };
}

async function until(what, condition) {
  const deadline = Date.now() + kPatienceMs;
  while (Date.now() < deadline) {
    const value = await condition();
    if (value) return value;
    await new Promise((wake) => setTimeout(wake, 20));
  }
  throw new Error(`waited in vain for ${what}`);
}

const projection = async () => (await prepare('get_projection')).body;
const building = (status) => status.builds.some((build) => build.role === 'ready');
const serving = (status) => status.builds.find((build) => build.role === 'serving').number;
const settle = () => until('no rebuild', async () => {
  const status = await projection();
  if (status.builds.some((build) => ['building', 'ready', 'failed'].includes(build.role)))
    await send(named('cancel_rebuild'));
  else return true;
});
async function readyToSwitch() {
  await settle();
  await prepare('rebuild_projection');
  await until('a build that is ready', async () => building(await projection()));
}
async function withPrevious() {
  await readyToSwitch();
  const before = serving(await projection());
  await prepare('switch_projection');
  await until('the switch', async () => serving(await projection()) !== before);
}

async function uploaded(bundle, times) {
  for (let version = 1; version <= times; version += 1) {
    const values = { id: bundle, version };
    await prepare('upload_version', { values });
    await until('the version', async () => (await prepare('get_version', { values })).body.anchored);
  }
  return bundle;
}
async function knowDocuments() {
  known = { bundle: await uploaded((await prepare('create_bundle')).body.id, 2) };
  const evidence = (await prepare('create_evidence')).body;
  Object.assign(known, { evidence: evidence.id, self: evidence.created_by });
  known.insight = (await prepare('create_insight')).body.id;
}
// Calls that change what others read get a bundle of their own.
const kOwnBundle = ['upload_version', 'withdraw_version'];
async function bundleFor(operation) {
  if (!kOwnBundle.includes(operation.operationId)) return known.bundle;
  return uploaded((await prepare('create_bundle')).body.id, 1);
}

// The create call that an operation on one entity starts from.
const kCreators = { Intents: 'create_intent', Tasks: 'create_task', Runs: 'create_run', ApiKeys: 'create_api_key',
  Bundles: 'create_bundle', EvidenceCalls: 'create_evidence', Insights: 'create_insight', Canvases: 'create_canvas', Extractors: 'create_extractor',
  Workflows: 'create_workflow', Automations: 'create_automation', Notifications: 'create_notification' };
// Calls that need more than a new entity.
const kBefore = {
  reopen_task: (values) => prepare('complete_task', { values }),
  publish_insight: (values) => prepare('review_insight', { values }),
  restore_canvas: (values) => prepare('archive_canvas', { values }),
  update_pin: (values) => prepare('pin_to_canvas', { values }),
  unpin_from_canvas: (values) => prepare('pin_to_canvas', { values }),
  restore_extractor: (values) => prepare('archive_extractor', { values }),
  restore_workflow: (values) => prepare('archive_workflow', { values }),
  get_workflow_version: (values) => prepare('publish_workflow', { values }),
  get_workflow_graph: async (values) => {
    const answer = await prepare('publish_workflow', { values });
    values.run = (await prepare('start_workflow_run', { values })).body.id;
    return answer;
  },
  diff_workflow: (values) => prepare('publish_workflow', { values }),
  start_workflow_run: (values) => prepare('publish_workflow', { values }),
  list_workflow_runs: async (values) => {
    await prepare('publish_workflow', { values });
    await prepare('start_workflow_run', { values });
    return prepare('start_workflow_run', { values });
  },
  list_trigger_evaluations: async () => {
    for (let each = 0; each < 2; each += 1) {
      const { body: { id } } = await prepare('create_task');
      await prepare('complete_task', { values: { id } });
      await prepare('reopen_task', { values: { id } });
    }
  },
  compare_runs: async (values) => {
    Object.assign(values, { a: (await failedRun()).body.id, b: (await failedRun()).body.id });
  },
  restore_notification: (values) => prepare('dismiss_notification', { values }),
  list_notifications: async () => {
    await prepare('create_notification');
    await prepare('create_notification');
  },
  restore_intent: (values) => prepare('archive_intent', { values }),
  rebuild_projection: settle,
  cancel_rebuild: readyToSwitch,
  switch_projection: readyToSwitch,
  rollback_projection: withPrevious,
};

// Calls on a run that only a workflow's run takes.
const kOfWorkflowRun = ['pause_run', 'resume_run', 'signal_run'];
// Those that begin with one that has failed.
const kOfFailedRun = ['fork_run', 'rerun_from_step', 'retry_failed'];
const creatorOf = ({ path, tags }) =>
  path.startsWith('/v1/runs') ? 'Runs' : path.startsWith('/v1/workflows') ? 'Workflows' : tags[0];
async function post(target, body) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const answer = await exchange('POST', target, headers, JSON.stringify(body));
  if (answer.status >= 300) throw new Error(`${target}: ${answer.status} ${answer.text}`);
  return { headers: answer.headers, body: JSON.parse(answer.text) };
}
async function runOf(definition, body) {
  const workflow = await post('/v1/workflows', { name: `Runs ${(turn += 1)}`, definition });
  await post(`/v1/workflows/${workflow.body.id}/publish`, {});
  return post(`/v1/workflows/${workflow.body.id}/runs`, body);
}
// A run that waits for what nobody gives it.
const waitingRun = (Resource = 'flowstone:signal', Parameters = { Name: 'never' }) =>
  runOf({ StartAt: 'W', States: { W: { Type: 'Task', Resource, Parameters, End: true } } }, {});
// A run that did `Charge` in three branches of `Each`, and then failed.
const failedRun = () => runOf({ StartAt: 'Each', States: {
  Each: { Type: 'Map', ItemsPath: '$.items', Next: 'Fails',
    ItemProcessor: { StartAt: 'Charge', States: { Charge: { Type: 'Pass', End: true } } } },
  Fails: { Type: 'Task', Resource: 'nobody:does', End: true } } }, { input: { items: [0, 1, 2] }, wait_seconds: 20 });

// The headers of a delivery of the documented body.
function signedDelivery(secret) {
  const [[, { example }]] = bodyOf(named('deliver_webhook'));
  const id = `msg_${(turn += 1)}`;
  const timestamp = Math.floor(Date.now() / 1000);
  const hmac = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'));
  const signature = `v1,${hmac.update(`${id}.${timestamp}.${JSON.stringify(example)}`).digest('base64')}`;
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
}

// The token of a task that a worker has taken.
async function heldToken() {
  await waitingRun('flowstone:activity', { Activity: 'example' });
  return (await post('/v1/activities/poll', { activity: 'example', wait_seconds: 10 })).body.task.token;
}

// One of the triggers of a workflow that is published.
async function triggerValues(name = 'done') {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const sendJson = async (method, target, body) => {
    const answer = await exchange(method, target, headers, body && JSON.stringify(body));
    return { ...answer, body: JSON.parse(answer.text) };
  };
  const hook = { id: 'hook', kind: 'webhook' };
  const definition = { triggers: [hook, { id: 'done', kind: 'event', types: ['task.reopened'] }, { id: 'nightly', kind: 'schedule', cron: '0 2 * * *' }],
    body: { StartAt: 'Done', States: { Done: { Type: 'Succeed' } } } };
  const { body: { id: workflow } } = await sendJson('POST', '/v1/workflows', { name: `triggered ${(turn += 1)}`, definition });
  await sendJson('POST', `/v1/workflows/${workflow}/publish`, {});
  const trigger = await until('the trigger', async () =>
    (await sendJson('GET', `/v1/triggers?workflow_id=${workflow}&name=${name}`)).body.items[0]);
  const read = await exchange('GET', `/v1/triggers/${trigger.id}`, headers);
  if (name === 'hook') {
    const { body: { path, secret } } = await sendJson('GET', `/v1/triggers/${trigger.id}/webhook`);
    return { id: trigger.id, 'If-Match': read.headers.etag, ...signedDelivery(secret), token: path.split('/').pop() };
  }
  return { id: trigger.id, 'If-Match': read.headers.etag, min_position: read.headers['flowstone-position'] };
}

// What only this server knows for the examples of the operation.
async function valuesFor(operation, parameter) {
  const values = {};
  if (operation.tags[0] === 'Documents') return { id: await bundleFor(operation) };
  if (operation.path.includes('{entity}')) values.entity = `insight-${known.insight}`;
  if (operation.tags[0] === 'Triggers')
    Object.assign(values, await triggerValues(operation.operationId.includes('webhook') ? 'hook' : 'done'));
  if (operation.path.startsWith('/v1/activities/{token}')) values.token = await heldToken();
  const creator = operation.path.includes('{id}') ? kCreators[creatorOf(operation)]
    : operation.path.includes('{stream}') ? 'create_task' : undefined;
  if (creator) {
    const { body, headers } = kOfWorkflowRun.includes(operation.operationId) ? await waitingRun()
      : kOfFailedRun.includes(operation.operationId) ? await failedRun() : await prepare(creator);
    values.id = body.id;
    values.stream = `task-${body.id}`;
    values['If-Match'] = headers.etag;
    values['min_position'] = headers['flowstone-position'];
  }
  const answer = await kBefore[operation.operationId]?.(values);
  if (answer?.headers?.etag) values['If-Match'] = answer.headers.etag;
  if (operation.method === 'GET' && creator && values.min_position) await until('the projections', async () =>
    (await prepare('readyz')).body.projected >= Number(values.min_position));
  if (operation.operationId === 'search') Object.assign(values, { bundle_id: known.bundle });
  if (operation.operationId === 'search' && parameter === 'version') values.with = ['bundle_id'];
  if (parameter === 'Idempotency-Key') values[parameter] = `"example-${(turn += 1)}"`;
  if (parameter === 'ticket') values.ticket = (await prepare('create_ticket')).body.ticket;
  if (parameter === 'cursor') values.cursor = await until('a second page', async () =>
    (await prepare(operation.operationId, { only: ['limit'], values: { ...values, limit: 1 } })).body.next_cursor);
  return values;
}

// ---- answers ----

const mediaOf = (answer) => (answer.headers['content-type'] ?? '').split(';')[0];

// The data of an event must follow the contract that the event names.
function checkEvents(items, place) {
  for (const event of items) {
    if (!event.dataschema) continue;
    expectValid({ $ref: event.dataschema.slice(event.dataschema.indexOf('#')) }, event.data, `${place} ${event.type}`);
  }
}

function checkBody(operation, media, schema, text, place) {
  if (media === 'text/event-stream') {
    expectValid(schema, text, place);
    const [, json] = text.match(/^data: (.*)$/m) ?? [];
    expect(json !== undefined, place, `no data in ${text}`);
    if (json) expectValid(successOf(operation)[1].content['application/x-ndjson'].schema, JSON.parse(json), place);
  } else if (media === 'application/x-ndjson') {
    for (const line of text.split('\n').slice(0, -1)) expectValid(schema, JSON.parse(line), place);
  } else if (media === 'application/json') {
    const value = JSON.parse(text);
    expectValid(schema, value, place);
    checkEvents(value.items ?? [], place);
  } else {
    expectValid(schema, text, place);
  }
}

function checkSuccess(operation, answer, media, place) {
  const [status, response] = successOf(operation);
  expect(String(answer.status) === status, place, `answered ${answer.status} ${answer.text.slice(0, 600)}`);
  if (String(answer.status) !== status) return;
  expect(mediaOf(answer) === media, place, `answered as ${mediaOf(answer)}, not ${media}`);
  for (const [name, header] of Object.entries(response.headers)) {
    const value = answer.headers[name.toLowerCase()];
    expect(value !== undefined || !resolve(header).required, place, `the header ${name} is missing`);
    const { schema } = resolve(header);
    if (value !== undefined) expectValid(schema, schema.type === 'integer' ? Number(value) : value, `${place}: ${name}`);
  }
  checkBody(operation, media, response.content[media].schema, answer.text, place);
}

function checkProblem(operation, answer, status, place) {
  expect(answer.status === status, place, `answered ${answer.status}, not ${status}: ${answer.text.slice(0, 300)}`);
  const documented = resolve(operation.responses[String(status)]);
  expect(documented !== undefined, place, `the answer ${status} is not documented`);
  expect(mediaOf(answer) === 'application/problem+json', place, `a problem came as ${mediaOf(answer)}`);
  if (!documented || mediaOf(answer) !== 'application/problem+json') return;
  const { schema } = documented.content['application/problem+json'];
  expectValid(schema, JSON.parse(answer.text), place);
}

// ---- what is tried with each operation ----

async function tryParameters(operation) {
  const [media] = Object.keys(successOf(operation)[1].content);
  const optional = parametersOf(operation).filter((one) => !one.required && one.name !== 'ticket').map((one) => one.name);
  for (const parameter of [undefined, ...optional]) {
    const place = `${operation.operationId}${parameter ? ` with ${parameter}` : ''}`;
    const values = await valuesFor(operation, parameter);
    const answer = await send(operation, { values, only: parameter ? [parameter, ...(values.with ?? [])] : [] });
    checkSuccess(operation, answer, media, place);
  }
}

async function tryMediaTypes(operation) {
  const { content } = successOf(operation)[1];
  for (const media of Object.keys(content).slice(1)) {
    const values = await valuesFor(operation);
    checkSuccess(operation, await send(operation, { values, headers: { accept: media } }), media, `${operation.operationId} as ${media}`);
  }
  for (const [media] of bodyOf(operation).slice(1)) {
    const values = await valuesFor(operation);
    const answer = await send(operation, { values, media });
    checkSuccess(operation, answer, Object.keys(content)[0], `${operation.operationId} of ${media}`);
  }
}

async function tryWebSocket(operation) {
  if (!operation.responses['101']) return;
  const place = `${operation.operationId} over a WebSocket`;
  const values = await valuesFor(operation, 'ticket');
  const request = requestOf(operation, { values, only: ['ticket'] });
  const answer = await exchange('GET', request.target, {
    connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  });
  expect(answer.status === 101, place, `answered ${answer.status} ${answer.text.slice(0, 300)}`);
  if (answer.status !== 101) return;
  const message = JSON.parse(answer.text);
  expectValid(operation.responses['101']['x-flowstone-message'], message, place);
  checkEvents([message], place);
}

async function tryRefusals(operation) {
  const place = operation.operationId;
  const values = await valuesFor(operation);
  if (operation.security === undefined) {
    const request = requestOf(operation, { values });
    const { authorization, ...without } = request.headers;
    checkProblem(operation, await exchange(operation.method, request.target, without, request.body), 401, `${place} without a key`);
    const text = { ...request.headers, accept: 'text/csv' };
    if (operation.responses['406']) checkProblem(operation, await exchange(operation.method, request.target, text, request.body), 406, `${place} as text/csv`);
  }
  if (operation.method === 'GET' && operation.security === undefined) {
    const request = requestOf(operation, { values });
    checkProblem(operation, await exchange('GET', `${request.target}${request.target.includes('?') ? '&' : '?'}no_such=1`, request.headers), 400, `${place}?no_such=1`);
  }
  // A sender's words are its own: of what it sends nothing is unknown.
  if (bodyOf(operation).length && operation.responses['422']) {
    const request = requestOf(operation, { values });
    const body = JSON.stringify({ ...JSON.parse(request.body), no_such_field: 1 });
    checkProblem(operation, await exchange(operation.method, request.target, request.headers, body), 422, `${place} {no_such_field}`);
  }
}

// Every `example`, `examples` and example of a field in the document must fit the schema beside it.
function checkDocumentedExamples() {
  const visit = (node, place) => {
    if (node === null || typeof node !== 'object') return;
    if (node.schema && node.example !== undefined) expectValid(node.schema, node.example, `${place} example`);
    if (node.schema && node.examples)
      for (const [name, one] of Object.entries(node.examples)) expectValid(node.schema, one.value, `${place} example ${name}`);
    for (const [name, value] of Object.entries(node)) visit(value, `${place}/${name}`);
  };
  visit(api.paths, 'paths');
  visit(api.components, 'components');
  for (const [name, schema] of Object.entries(api.components.schemas))
    for (const [field, property] of Object.entries(schema.properties ?? {}))
      for (const example of property.examples ?? []) expectValid(property, example, `${name}.${field}`);
  for (const operation of operations()) {
    for (const [media, content] of Object.entries(successOf(operation)[1].content))
      expect(content.example !== undefined, operation.operationId, `the answer ${media} has no example`);
  }
}

// What the server logs meanwhile is JSON for machines, whichever part of it wrote the line.
function checkLog() {
  for (const line of logged.split('\n').slice(0, -1)) {
    let message;
    try {
      ({ message } = JSON.parse(line));
    } catch { /* no JSON: no message */ }
    expect(typeof message === 'string', 'log', `no JSON with a message: ${line}`);
  }
}

// It writes to its directory until it has gone.
async function stop(server) {
  if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
  const gone = once(server, 'exit');
  server.kill();
  await gone;
}

async function main(flowstone) {
  const directory = mkdtempSync(join(tmpdir(), 'flowstone-examples-'));
  let server;
  try {
    const started = await start(flowstone, directory);
    server = started.server;
    ({ url, key } = started);
    api = JSON.parse((await exchange('GET', '/openapi.json', {})).text);
    prepareValidator();
    await knowDocuments();
    checkDocumentedExamples();
    for (const operation of operations()) {
      try {
        await tryParameters(operation);
        await tryMediaTypes(operation);
        await tryWebSocket(operation);
        await tryRefusals(operation);
      } catch (error) {
        failures.push(`${operation.operationId}: ${error.message}`);
      }
    }
    checkLog();
  } finally {
    await stop(server);
    rmSync(directory, { recursive: true, force: true });
  }
  for (const failure of failures) console.log(failure);
  console.log(`examples: ${operations().length} operations, ${sent} requests, ${checked} checks, ${failures.length} failed`);
  process.exit(failures.length || !checked ? 1 : 0);
}

await main(...process.argv.slice(2));
