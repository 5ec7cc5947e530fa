#include "api/docs_page.hpp"

#include <fmt/format.h>

#include "api/problem.hpp"
#include "base/bytes.hpp"
#include "base/digest.hpp"
#include "schemas/openapi.hpp"

namespace flowstone::api {
namespace {

constexpr std::string_view kStyle = R"css(
:root{color-scheme:light dark;--line:#8884;--quiet:#777;--accent:#06c}
@media(prefers-color-scheme:dark){:root{--quiet:#aaa;--accent:#7bf}}
*{box-sizing:border-box}body{margin:0;font:16px/1.5 system-ui,sans-serif;display:grid;grid-template-columns:17rem minmax(0,1fr)}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:1rem;border-right:1px solid var(--line);font-size:.9rem}
nav a{display:block;color:inherit;text-decoration:none;padding:.1rem 0;overflow-wrap:anywhere}nav a:hover{color:var(--accent)}
nav b{display:block;margin-top:.8rem}main{padding:1rem 2rem;max-width:62rem}
h1{margin-top:0}h2{border-bottom:1px solid var(--line);margin-top:2.5rem}section,article{scroll-margin-top:1rem}
article{border:1px solid var(--line);border-radius:.4rem;margin:1rem 0;padding:.2rem 1rem 1rem}
code,pre{font:.875rem/1.45 ui-monospace,monospace}pre{background:#8881;padding:.6rem;overflow:auto;border-radius:.3rem}
.method{font-weight:700;color:var(--accent)}.quiet{color:var(--quiet)}
table{border-collapse:collapse;width:100%;font-size:.9rem;margin:.4rem 0}
td,th{border-bottom:1px solid var(--line);padding:.25rem .5rem;text-align:left;vertical-align:top}
#about{white-space:pre-line}input{width:100%;font:inherit;padding:.3rem}@media(max-width:50rem){body{display:block}nav{position:static;height:auto}}
)css";

constexpr std::string_view kScript = R"js(
'use strict';
const make = (name, attributes, ...children) => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
  for (const child of children) if (child !== null && child !== undefined && child !== '') node.append(child);
  return node;
};
const code = text => make('code', {}, String(text));
let all;
const resolve = schema => schema && schema.$ref ? schema.$ref.split('/').slice(1).reduce((at, key) => at[key], all) : schema || {};
const nameOf = schema => schema && schema.$ref ? schema.$ref.split('/').pop() : null;
const typeOf = schema => {
  const name = nameOf(schema);
  if (name) return make('a', {href: '#schema-' + name}, name);
  if (schema.type === 'array') return make('span', {}, 'list of ', typeOf(schema.items || {}));
  const alternatives = schema.oneOf || schema.anyOf;
  if (alternatives) return make('span', {}, ...alternatives.flatMap((one, at) => at ? [' or ', typeOf(one)] : [typeOf(one)]));
  return make('span', {}, [].concat(schema.type || 'any').join(' or ') + (schema.format ? ' (' + schema.format + ')' : ''));
};
const limits = {minLength: 'at least %s characters', maxLength: 'at most %s characters', minimum: 'at least %s', maximum: 'at most %s',
  minItems: 'at least %s items', maxItems: 'at most %s items', pattern: 'matches %s', const: 'is %s', default: 'default %s'};
const limitsOf = schema => {
  const texts = Object.keys(limits).filter(key => schema[key] !== undefined).map(key => limits[key].replace('%s', () => JSON.stringify(schema[key])));
  if (schema.enum) texts.push('one of ' + schema.enum.map(value => JSON.stringify(value)).join(', '));
  if (schema.uniqueItems) texts.push('no item twice');
  if (schema.items && !schema.items.$ref) texts.push(...limitsOf(schema.items).map(text => 'each ' + text));
  return texts;
};
const exampleOf = schema => schema.example !== undefined ? schema.example : (schema.examples || [])[0];
const fieldRow = (name, schema, required, place) => {
  const shown = resolve(schema);
  const example = exampleOf(schema) !== undefined ? exampleOf(schema) : exampleOf(shown);
  return make('tr', {}, make('td', {}, code(name), required ? make('b', {title: 'must be given'}, ' *') : '',
      place ? make('div', {class: 'quiet'}, place) : ''), make('td', {}, typeOf(schema)),
    make('td', {}, schema.description || shown.description || '', make('div', {class: 'quiet'}, limitsOf(shown).join('; ')),
      example !== undefined ? make('div', {}, 'e.g. ', code(JSON.stringify(example))) : ''));
};
const table = rows => make('table', {}, make('tbody', {}, ...rows));
const fieldsOf = schema => {
  const shown = resolve(schema);
  if (!shown.properties) return make('p', {}, typeOf(schema));
  return table(Object.entries(shown.properties).map(([name, field]) => fieldRow(name, field, (shown.required || []).includes(name))));
};
const bodyOf = body => {
  if (!body) return '';
  const shown = resolve(body);
  const [media, content] = Object.entries(shown.content || {})[0] || [];
  if (!content) return '';
  const examples = content.example !== undefined ? [content.example] : Object.values(content.examples || {}).map(one => one.value);
  return make('div', {}, make('h4', {}, 'Body ', make('span', {class: 'quiet'}, Object.keys(shown.content).join(', '))),
    fieldsOf(content.schema), ...examples.map(one => make('pre', {}, JSON.stringify(one, null, 2))));
};
const answersOf = responses => table(Object.entries(responses || {}).map(([status, answer]) => {
  const shown = resolve(answer);
  const media = Object.entries(shown.content || {});
  const headers = Object.keys(shown.headers || {});
  return make('tr', {}, make('td', {}, code(status)), make('td', {}, shown.description || '',
    headers.length ? make('div', {class: 'quiet'}, 'headers: ' + headers.join(', ')) : ''),
    make('td', {}, ...media.map(([type, content]) => make('div', {}, code(type), ' ', content.schema ? typeOf(content.schema) : ''))));
}));
const operation = (method, path, call, shared) => {
  const parameters = [...(shared || []), ...(call.parameters || [])].map(resolve);
  const role = call['x-flowstone-role'];
  return make('article', {id: call.operationId}, make('h3', {}, make('span', {class: 'method'}, method.toUpperCase()), ' ', code(path)),
    make('p', {}, call.summary || '', call.description && call.description !== call.summary ? make('span', {}, ' ', call.description) : ''),
    role ? make('p', {class: 'quiet'}, 'role: ' + role) : '',
    parameters.length ? make('div', {}, make('h4', {}, 'Parameters'),
      table(parameters.map(one => fieldRow(one.name, {...one.schema, description: one.description}, one.required, one.in)))) : '',
    bodyOf(call.requestBody), make('h4', {}, 'Answers'), answersOf(call.responses));
};
const show = () => {
  const calls = document.getElementById('calls'), schemas = document.getElementById('schemas'), links = document.getElementById('links');
  document.getElementById('about').textContent = all.info.description || '';
  const byTag = new Map();
  for (const [path, item] of Object.entries(all.paths)) for (const method of ['get', 'post', 'patch', 'put', 'delete']) {
    const call = item[method];
    if (!call) continue;
    const tag = (call.tags || ['Other'])[0];
    if (!byTag.has(tag)) byTag.set(tag, []);
    byTag.get(tag).push([method, path, call, item.parameters]);
  }
  for (const [tag, list] of byTag) {
    const about = (all.tags || []).find(one => one.name === tag);
    calls.append(make('h2', {}, tag), make('p', {}, about && about.description || ''), ...list.map(one => operation(...one)));
    links.append(make('b', {}, tag), ...list.map(([method, path, call]) => make('a', {href: '#' + call.operationId}, method.toUpperCase() + ' ' + path)));
  }
  for (const [name, schema] of Object.entries(all.components.schemas)) {
    schemas.append(make('article', {id: 'schema-' + name}, make('h3', {}, name), make('p', {}, schema.description || ''),
      schema.properties ? fieldsOf(schema) : make('p', {}, typeOf(schema), ' ', make('span', {class: 'quiet'}, limitsOf(schema).join('; ')))));
  }
  document.getElementById('find').addEventListener('input', event => {
    const wanted = event.target.value.toLowerCase();
    for (const article of document.querySelectorAll('#calls article, #schemas article, #problems article'))
      article.hidden = !article.textContent.toLowerCase().includes(wanted);
  });
  if (location.hash) { const target = document.getElementById(decodeURIComponent(location.hash.slice(1))); if (target) target.scrollIntoView(); }
};
fetch('/openapi.json').then(answer => answer.json()).then(document => { all = document; show(); })
  .catch(error => { document.getElementById('about').textContent = 'The description could not be loaded: ' + error; });
)js";

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '&':
        safe += "&amp;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

// The problems are written into the page itself: the `type` of every problem document leads to its anchor.
std::string problems() {
  std::string html;
  for (const ProblemKind kind : problem_kinds()) {
    const ProblemShape shape = shape_of(kind);
    const std::string type = problem_type(kind);
    fmt::format_to(
        std::back_inserter(html),
        "<article id=\"{}\"><h3><code>{}</code> <span class=\"quiet\">{}</span></h3><p><b>{}.</b> {}</p></article>\n",
        type.substr(type.find('#') + 1), shape.code, shape.status, escaped(shape.title), escaped(shape.sentence));
  }
  return html;
}

std::string digest_source(std::string_view text) { return "'sha256-" + to_base64(view(sha256(text))) + "'"; }

}  // namespace

std::string openapi_document(std::string_view version, const RequestLimits& limits) {
  schemas::ServerFacts facts{version, {}, limits.header_bytes, limits.body_bytes};
  for (const ProblemKind kind : problem_kinds()) {
    const ProblemShape shape = shape_of(kind);
    facts.refusals.push_back({shape.status, shape.code, shape.title, shape.sentence, problem_type(kind)});
  }
  return schemas::openapi_document(facts);
}

DocsPage docs_page() {
  DocsPage page;
  page.html = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Flowstone: reference</title>"
      "<meta name=\"viewport\" content=\"width=device-width\"><link rel=\"icon\" "
      "href=\"data:,\"><style>{}</style></head>\n<body>"
      "<nav><input id=\"find\" type=\"search\" placeholder=\"find\" aria-label=\"find\"><a "
      "href=\"#problems\">Problems</a>"
      "<a href=\"#schemas\">Schemas</a><div id=\"links\"></div></nav>\n"
      "<main><h1>Flowstone</h1><p id=\"about\">Loading.</p><p>Rendered from <a "
      "href=\"/openapi.json\">/openapi.json</a>.</p>"
      "<section id=\"calls\"></section><section id=\"problems\"><h2>Problems</h2>"
      "<p>Every refusal is a problem document (RFC 9457) with one of these codes, or a word of the domain's own with "
      "the same status.</p>\n{}"
      "</section><section id=\"schemas\"><h2>Schemas</h2></section></main>\n<script>{}</script></body></html>\n",
      kStyle, problems(), kScript);
  page.policy = fmt::format(
      "default-src 'none'; style-src {}; script-src {}; connect-src 'self'; img-src data:; base-uri 'none'; "
      "frame-ancestors 'none'",
      digest_source(kStyle), digest_source(kScript));
  return page;
}

}  // namespace flowstone::api
