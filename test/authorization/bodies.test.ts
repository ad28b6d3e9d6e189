/** Generated from the route table: every route with a body takes one as it should be, and refuses what is not one. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ADMIN_EMAIL, type EnrolledUser } from '#test/accounts/accounts-service.ts';
import { type PeopleExchange, startPeopleExchange } from '#test/support/people-exchange.ts';
import { callAsPerson, hasParameter, isOfPeople, peopleCase, type SpoiltPeople } from './requests.ts';
import { allRoutes, newWorld, type World } from './world.ts';

let exchange: PeopleExchange;
let admin: EnrolledUser;

beforeAll(async () => {
  exchange = await startPeopleExchange();
  admin = await exchange.accounts.enrolledUser(ADMIN_EMAIL);
}, 60_000);
afterAll(() => exchange.close());

const withBody = allRoutes
  .filter((of) => isOfPeople(of) && peopleCase(of).body !== undefined)
  .map((of) => [`${of.service} ${of.name}`, of] as const);

describe.each(withBody)('%s', (_, of) => {
  const { body } = peopleCase(of);
  /** Of this route alone: many a body can be sent once. */
  let world: World;
  let id = '';
  beforeAll(async () => {
    world = await newWorld(exchange, admin);
    if (hasParameter(of.route)) id = await peopleCase(of).id!(world);
  }, 60_000);
  const send = (spoilt: SpoiltPeople) => callAsPerson(world, of, { id, ...spoilt });
  const expectRefusal = async (spoilt: SpoiltPeople, status: number, refusal: object) => {
    const reply = await send(spoilt);
    expect({ status: reply.status, json: reply.json }).toEqual({
      status,
      json: { message: expect.any(String), ...refusal },
    });
  };

  it('refuses to be given a prototype', async () => {
    const fields = JSON.stringify(await body!(world)).slice(1, -1);
    const rawBody = `{${fields}${fields && ','}"__proto__":{"isAdmin":true}}`;
    await expectRefusal({ rawBody }, 400, { code: 'UNKNOWN_FIELD', field: '__proto__' });
  });

  it.each(['', '{', 'email=a', '{"a":1}x', '\u0000'])('refuses the text %j, which is no JSON', (rawBody) =>
    expectRefusal({ rawBody }, 400, { code: 'MALFORMED_JSON' }),
  );

  it.each([null, [], 'text', 1, true])('refuses %j, which is no object', (json) =>
    expectRefusal({ rawBody: JSON.stringify(json) }, 400, { code: 'MALFORMED_BODY' }),
  );

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json-seq', ''])(
    'refuses the content type %j',
    (type) =>
      expectRefusal({ rawBody: '{}', headers: { 'Content-Type': type } }, 415, {
        code: 'UNSUPPORTED_MEDIA_TYPE',
      }),
  );

  it('refuses a body without end', async () => {
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(Buffer.alloc(1_024, ' ')),
    });
    await expectRefusal({ rawBody: endless }, 413, { code: 'BODY_TOO_LARGE' });
  });

  it('takes 8 KB as they should be, also with a charset', async () => {
    // What is right but for one thing that a test cannot know; the refusal is of that.
    const code: string | undefined = { enableTwoFactor: 'WRONG_CODE' }[of.name as string];
    const rawBody = JSON.stringify(await body!(world)).padEnd(8_192);
    const headers = { 'Content-Type': 'Application/JSON; charset=utf-8' };
    const reply = await send({ rawBody, headers });
    expect([reply.status < 300, reply.json?.code]).toEqual([code === undefined, code]);
  });
});
