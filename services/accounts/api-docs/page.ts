/** The description of the API as a page: no script, nothing from elsewhere, and one style that its policy names. */
import { createHash } from 'node:crypto';
import type { Description, JsonSchema, Operation } from './description.ts';

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
nav a { margin-right: 1rem; }
details { border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: 6px; margin: .5rem 0; }
summary { cursor: pointer; padding: .5rem .75rem; }
details > div { padding: 0 .75rem .75rem; overflow-x: auto; }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
.method { display: inline-block; min-width: 4.5rem; font-weight: 700; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; }
`;

/** For the header that goes with {@link pageOf}. */
export const CONTENT_SECURITY_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256')
  .update(STYLE)
  .digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

export function pageOf({ info, tags, paths }: Description): string {
  const title = `${escaped(info.title)} API`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><style>${STYLE}</style></head>
<body>
<h1>${title}</h1>
<p>${escaped(info.description)} For tools: <a href="/api/docs/openapi.json">openapi.json</a>.</p>
<nav>${tags.map(({ name }) => `<a href="#${escaped(name)}">${escaped(name)}</a>`).join('')}</nav>
${tags.map((tag) => sectionOf(tag, paths)).join('\n')}
</body>
</html>
`;
}

function sectionOf({ name, description }: Description['tags'][number], paths: Description['paths']): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { tags }]) => tags[0] === name)
      .map(([method, operation]) => operationOf(method.toUpperCase(), path, operation)),
  );
  return `<section id="${escaped(name)}"><h2>${escaped(name)}</h2><p>${escaped(description)}</p>
${operations.join('\n')}
</section>`;
}

function operationOf(method: string, path: string, operation: Operation): string {
  const { summary, description, parameters = [], requestBody, externalDocs } = operation;
  const fields = parameters.map(({ name, in: place, required, schema }) =>
    rowOf(name, place, required, schema),
  );
  const body = requestBody?.content['application/json'].schema;
  for (const [name, schema] of Object.entries(body?.properties ?? {}))
    fields.push(rowOf(name, 'body', body?.required?.includes(name) === true, schema));
  const proof = operation.security.flatMap((one) => Object.keys(one)).join(' and ') || 'open to everyone';
  return `<details><summary><span class="method">${method}</span><code>${escaped(path)}</code></summary><div>
<p>${escaped([summary, description].filter(Boolean).join(' '))}</p><p>Proof: ${escaped(proof)}.</p>${
    externalDocs === undefined
      ? ''
      : `<p><a href="${escaped(externalDocs.url)}" rel="noreferrer">What the fields mean, and the answers</a></p>`
  }${fields.length === 0 ? '' : `<table><tr><th>Field</th><th>In</th><th>Must be</th></tr>${fields.join('')}</table>`}
</div></details>`;
}

function rowOf(name: string, place: string, required: boolean, schema: JsonSchema): string {
  const must = [required ? 'given' : undefined, ...rulesOf(schema)].filter(Boolean).join('; ');
  return `<tr><td><code>${escaped(name)}</code></td><td>${place}</td><td>${escaped(must)}</td></tr>`;
}

function rulesOf(schema: JsonSchema): (string | undefined)[] {
  const { type, minimum, maximum, minLength, maxLength, maxItems, pattern } = schema;
  return [
    schema.enum === undefined ? type : `one of ${schema.enum.join(', ')}`,
    minimum === undefined ? undefined : `at least ${minimum}`,
    maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? undefined : `at most ${maximum}`,
    minLength === undefined ? undefined : `at least ${minLength} characters`,
    maxLength === undefined ? undefined : `at most ${maxLength} characters`,
    maxItems === undefined ? undefined : `at most ${maxItems} entries`,
    pattern === undefined ? undefined : `like ${pattern}`,
    schema.default === undefined ? undefined : `${JSON.stringify(schema.default)} unless given`,
  ];
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
