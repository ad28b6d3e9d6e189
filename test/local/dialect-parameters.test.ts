/** What a route of the dialect is said to take is what its code reads: nothing that it refuses, all that it needs. */
import { describe, expect, it } from '@jest/globals';
import { apiErrors } from '#platform/spot-api/errors.ts';
import { marketDataReadings, ordersReadings } from '#services/local/openapi/dialect.ts';
import { dialectParameters, type Reading } from '#services/local/openapi/dialect-parameters.ts';
import { cases, type SpotCase } from '#test/authorization/route-cases.ts';

const named = async (read: Reading) =>
  (await dialectParameters(read)).map(({ name, required }) => name + (required ? '!' : ''));

describe('the parameters of a route', () => {
  it('are those that it reads, required where no request does without', async () => {
    const parameters = await dialectParameters((sent) => {
      sent.symbol();
      if (sent.mandatoryOneOf('type', ['A', 'B']) === 'A') sent.decimal('price', 8);
      sent.limit(5, 10);
      sent.end();
    });
    expect(parameters).toMatchObject([
      { name: 'symbol', required: true, schema: { type: 'string' } },
      { name: 'type', required: true, schema: { enum: ['A', 'B'] } },
      { name: 'price', required: false, schema: { type: 'string' } },
      { name: 'limit', required: false, schema: { type: 'integer', maximum: 10, default: 5 } },
    ]);
  });

  it('are not those that are refused whenever they are sent, nor such choices', async () => {
    const parameters = await dialectParameters((sent) => {
      if (sent.has('never')) throw apiErrors.notRequired('never');
      if (sent.oneOf('mode', ['GOOD', 'BAD']) === 'BAD') throw apiErrors.badCombination();
      sent.end();
    });
    expect(parameters).toMatchObject([{ name: 'mode', schema: { enum: ['GOOD'] } }]);
  });

  it('are neither required when one of two is enough', async () => {
    const either: Reading = (sent) => {
      if (sent.integer('id') === undefined && sent.clientId('name') === undefined)
        throw apiErrors.eitherMandatory('id', 'name');
      sent.end();
    };
    expect(await named(either)).toEqual(['id', 'name']);
  });

  it('are not said of what is never read to its end', async () => {
    const unreadable: Reading = () => {
      throw apiErrors.badCombination();
    };
    await expect(named(unreadable)).rejects.toThrow('hardly any request is read');
  });

  it.each([
    ['orders', ordersReadings],
    ['market-data', marketDataReadings],
  ] as const)(
    'have in each request to %s that is in order all that are required, and no others',
    async (service, readings) => {
      for (const [name, reading] of Object.entries(readings) as [string, Reading][]) {
        const { parameters } = (cases[service] as unknown as Record<string, SpotCase>)[name]!;
        const described = await dialectParameters(reading);
        const names = described.map((parameter) => parameter.name);
        const required = described
          .filter((parameter) => parameter.required)
          .map((parameter) => parameter.name);
        expect({ name, parameters: [...names, 'timestamp'] }).toEqual({
          name,
          parameters: expect.arrayContaining(Object.keys(parameters)),
        });
        expect({ name, parameters: [...Object.keys(parameters), 'timestamp'] }).toEqual({
          name,
          parameters: expect.arrayContaining(required),
        });
      }
    },
  );
});
