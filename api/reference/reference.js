// Shows openapi.json. Text goes into the page as text, never as HTML.

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];

/** An element with attributes and children; a child that is text stays text. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

function table(headings, rows) {
  const head = element('tr', {}, ...headings.map((heading) => element('th', { scope: 'col' }, heading)));
  const body = rows.map((cells) => element('tr', {}, ...cells.map((cell) => element('td', {}, cell))));
  return element('table', {}, element('thead', {}, head), element('tbody', {}, ...body));
}

/** A schema in a few words: `string (date-time)`, `'open' or 'decided'`, `array of ListedCase`. */
function words(schema) {
  if (schema === undefined) return 'anything';
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' or ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return choices.map(words).join(' or ');
  if (schema.type === 'array') return `array of ${words(schema.items)}`;
  const bounds = ['format', 'minimum', 'maximum', 'minLength', 'maxLength', 'pattern', 'default']
    .filter((name) => schema[name] !== undefined)
    .map((name) => `${name} ${JSON.stringify(schema[name])}`);
  const type = String(schema.type ?? 'anything');
  return bounds.length === 0 ? type : `${type} (${bounds.join(', ')})`;
}

function parameters({ parameters: list = [] }) {
  if (list.length === 0) return null;
  const rows = list.map(({ name, in: place, required, schema, description }) => [
    element('code', {}, name),
    required === true ? `${place}, required` : place,
    words(schema),
    description ?? schema?.description ?? '',
  ]);
  return element('div', {}, element('h3', {}, 'Parameters'), table(['name', 'in', 'type', 'meaning'], rows));
}

function contents(content) {
  return Object.entries(content ?? {}).map(([type, { schema }]) => {
    const shown = schema?.$ref === undefined ? element('pre', {}, JSON.stringify(schema, null, 2)) : words(schema);
    return element('div', {}, element('code', {}, type), ' ', shown);
  });
}

function bodyOf({ requestBody }) {
  if (requestBody === undefined) return null;
  return element('div', {}, element('h3', {}, 'Body'), ...contents(requestBody.content));
}

function answers({ responses }) {
  const rows = Object.entries(responses).map(([status, { description, content }]) => [
    status,
    element('div', {}, description ?? '', ...contents(content)),
  ]);
  return element('div', {}, element('h3', {}, 'Answers'), table(['status', 'body'], rows));
}

function paragraphs(text = '') {
  return text.split('\n\n').map((each) => element('p', {}, each));
}

function section(path, method, operation) {
  const title = element('h2', {}, element('code', {}, `${method.toUpperCase()} ${path}`));
  return element(
    'section',
    { id: operation.operationId },
    title,
    element('p', {}, element('strong', {}, operation.summary ?? '')),
    ...paragraphs(operation.description),
    parameters(operation),
    bodyOf(operation),
    answers(operation),
  );
}

function shapes(schemas = {}) {
  return Object.entries(schemas).map(([name, schema]) =>
    element(
      'section',
      { id: `shape-${name}` },
      element('h2', {}, name),
      element('pre', {}, JSON.stringify(schema, null, 2)),
    ),
  );
}

const api = await (await fetch('openapi.json')).json();
const operations = Object.entries(api.paths).flatMap(([path, item]) =>
  METHODS.filter((method) => item[method] !== undefined).map((method) => [path, method, item[method]]),
);
document.title = `${api.info.title} API ${api.info.version}`;
document
  .getElementById('contents')
  .replaceChildren(
    element(
      'ul',
      {},
      ...operations.map(([path, method, { operationId }]) =>
        element('li', {}, element('a', { href: `#${operationId}` }, `${method.toUpperCase()} ${path}`)),
      ),
    ),
  );
const reference = document.getElementById('reference');
reference.replaceChildren(
  element('h1', {}, document.title),
  ...paragraphs(api.info.description),
  ...operations.map((operation) => section(...operation)),
  ...shapes(api.components.schemas),
);
reference.removeAttribute('aria-busy');
// The sections were not there yet when the browser looked for the one that the address names.
document.getElementById(location.hash.slice(1))?.scrollIntoView();
