/** The description of the API in OpenAPI 3.1, made of what the services mount and validate with: there is no other. */
import { z } from 'zod';
import type { Answers } from '#platform/people-api/answers.ts';
import type { RequestSchema } from '#platform/people-api/requests.ts';
import type { Routes } from '#platform/routes.ts';
import { dialectParameters, type Reading } from './dialect-parameters.ts';

export interface DescribedService {
  readonly name: string;
  readonly about: string;
  readonly routes: Routes;
  /** Of its routes for people. */
  readonly requests: Readonly<Record<string, RequestSchema>>;
  readonly answers?: Answers;
  /** Of its routes of the dialect: how each reads its request. */
  readonly readings?: Readonly<Record<string, Reading>>;
}

type Json = Readonly<Record<string, unknown>>;

const DIALECT = 'https://developers.binance.com/docs/binance-spot-api-docs/rest-api';

/** A plain object, for `JSON.stringify`; WebSockets are none of its business. */
export async function describe(services: readonly DescribedService[]): Promise<Json> {
  const paths: Record<string, Record<string, Json>> = {};
  for (const service of services)
    for (const [name, route] of Object.entries(service.routes)) {
      if (route.upgrade) continue;
      const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
      paths[path] ??= {};
      paths[path][route.method.toLowerCase()] = await operationOf(service, name, route);
    }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Crossbook',
      version: '1',
      summary: 'A spot exchange.',
      description:
        'People and pages use an access token and JSON. Bots use an API key and a signature, in the dialect of the Binance spot API.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'Where this description came from' }],
    tags: services.map(({ name, about }) => ({ name, description: about })),
    paths,
    components: COMPONENTS,
  };
}

async function operationOf(service: DescribedService, name: string, route: Routes[string]): Promise<Json> {
  const request = service.requests[name];
  return {
    operationId: name,
    tags: [service.name],
    ...(request === undefined
      ? await ofDialect(route, service.readings?.[name])
      : ofPeople(route, request, service.answers?.[name])),
    security: securityOf(route),
  };
}

function ofPeople(
  route: Routes[string],
  { summary, body, query }: RequestSchema,
  answer: z.ZodType | undefined,
): Json {
  const conditions = [
    route.role && `For the role ${route.role}.`,
    route.stepUp === 'always' && 'Needs two-factor, and a one-time code given in the last five minutes.',
    route.stepUp === 'enrolled' && 'With two-factor, needs a one-time code given in the last five minutes.',
  ].filter(Boolean);
  const parameters = [...pathParameters(route), ...queryParameters(query)];
  return {
    summary,
    ...(conditions.length === 0 ? {} : { description: conditions.join(' ') }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: json(schemaOf(body)) } }),
    responses: {
      '2XX': { description: 'Done.', ...(answer === undefined ? {} : { content: json(schemaOf(answer)) }) },
      '4XX': { $ref: '#/components/responses/Refusal' },
      '5XX': { $ref: '#/components/responses/Refusal' },
    },
  };
}

/** Parameters may come in the query or, with POST, PUT and DELETE, in a form in the body. */
async function ofDialect({ path, weight }: Routes[string], reading: Reading | undefined): Promise<Json> {
  const read = reading === undefined ? [] : await dialectParameters(reading);
  const parameters = read.map((parameter) => ({ ...parameter, in: 'query' }));
  const weighs = weight === 'handler' ? 'a weight that depends on the parameters' : `the weight ${weight}`;
  return {
    summary: `${path.replace('/api/v3/', '')}, as in the Binance spot API; ${weighs}.`,
    externalDocs: { url: DIALECT, description: 'What the parameters mean, and the answers' },
    ...(parameters.length === 0 ? {} : { parameters }),
    responses: {
      '2XX': { description: 'Done.' },
      '4XX': { $ref: '#/components/responses/DialectError' },
      '5XX': { $ref: '#/components/responses/DialectError' },
    },
  };
}

function securityOf({ security }: Routes[string]): Json[] {
  if (security === 'NONE') return [];
  return [security === 'JWT' ? { accessToken: [] } : { apiKey: [], signature: [] }];
}

function pathParameters({ path }: Routes[string]): Json[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(query: z.ZodType | undefined): Json[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(query) as {
    properties?: Readonly<Record<string, Json>>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

/** What a client sends, before defaults and changes of form; or gets, to which a field may be added. */
function schemaOf(schema: z.ZodType): Json {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      // A number in a query is a text to us, and a number to whoever writes it.
      if (jsonSchema.type === 'integer') delete jsonSchema.pattern;
    },
  });
  return rest;
}

const json = (schema: Json) => ({ 'application/json': { schema } });

const refusal = (properties: Json, required: readonly string[]) => ({ type: 'object', properties, required });

const COMPONENTS = {
  securitySchemes: {
    accessToken: {
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'From logIn or refresh; good for a quarter of an hour, and no longer than its session.',
    },
    apiKey: { type: 'apiKey', in: 'header', name: 'X-MBX-APIKEY' },
    signature: {
      type: 'apiKey',
      in: 'query',
      name: 'signature',
      description:
        'Over the exact bytes of query and body, by HMAC-SHA-256, Ed25519 or RSA, with a timestamp.',
    },
  },
  responses: {
    Refusal: {
      description: 'Refused, with a stable code and a sentence that says the mend.',
      content: json({ $ref: '#/components/schemas/Refusal' }),
    },
    DialectError: {
      description: 'Refused, with a code of the dialect.',
      content: json({ $ref: '#/components/schemas/DialectError' }),
    },
  },
  schemas: {
    Refusal: refusal(
      {
        code: { type: 'string', examples: ['INVALID_FIELD'] },
        message: { type: 'string' },
        field: { type: 'string', description: 'The field at fault, when there is one.' },
      },
      ['code', 'message'],
    ),
    DialectError: refusal({ code: { type: 'integer', examples: [-1121] }, msg: { type: 'string' } }, [
      'code',
      'msg',
    ]),
  },
};
