/** Logging in, staying logged in, and out. */

import type { Client, Session } from '#platform/sessions/session-store.ts';
import { type AccountsDeps, authenticated, open } from './endpoint.ts';
import { requireCode } from './one-time-code.ts';
import { requireOwnPassword } from './own-password.ts';
import { refusals } from './refusal.ts';
import { listEvents, recordEvent } from './security-events.ts';
import type { OpenSession } from './sessions.ts';
import { raiseSecurityEpoch, setPassword, type User } from './users.ts';

export function sessionEndpoints(deps: AccountsDeps) {
  const { db, users, passwords, tokens, sessions, attempts, background, mailer, mails } = deps;

  const tokensOf = async ({ session, refreshToken }: OpenSession, { role }: User) => ({
    accessToken: await tokens.issue(session, role),
    refreshToken,
    tokenType: 'Bearer',
    expiresIn: tokens.lifetimeSeconds,
  });

  /**
   * The user whose password this is.
   * @throws {Refusal} the same, after the same work, for a wrong password and an unknown address.
   */
  const requirePassword = async (email: string, password: string, client: Client): Promise<User> => {
    attempts.logIn(email, client.address);
    const user = await users.findByEmail(db, email);
    const isRight = await passwords.matches(password, user?.passwordHash);
    if (!isRight || user === undefined) {
      await recordEvent(db, { event: 'log-in-failed', account: user?.account, client });
      throw refusals.wrongCredentials();
    }
    attempts.loggedIn(email, client.address);
    return user;
  };

  return {
    logIn: open(deps, 'logIn', async ({ body, client }) => {
      const user = await requirePassword(body.email, body.password, client);
      const { account } = user;
      if (user.isFrozen) {
        await recordEvent(db, { event: 'log-in-failed', account, client, detail: 'frozen' });
        throw refusals.accountFrozen();
      }
      if (user.hasTwoFactor) {
        if (body.code === undefined) throw refusals.twoFactorRequired();
        await requireCode(deps, user, body.code, client);
      }
      // Of the epoch that the password was read in: should it have changed meanwhile, the session is void.
      const opened = await sessions.open(user, client, user.hasTwoFactor);
      await recordEvent(db, { event: 'logged-in', account, client, detail: opened.session.id });
      return { json: await tokensOf(opened, user) };
    }),

    refresh: open(deps, 'refresh', async ({ body, client }) => {
      attempts.token(client.address);
      const refreshed = await sessions.refresh(body.refreshToken, client);
      if (refreshed.outcome === 'reused') {
        const { account } = refreshed;
        await recordEvent(db, { event: 'refresh-token-reused', account, client });
      }
      if (refreshed.outcome !== 'refreshed') throw refusals.invalidRefreshToken();
      const { session } = refreshed;
      const user = await users.find(db, session.account);
      if (user === undefined || user.isFrozen || session.securityEpoch !== user.securityEpoch)
        throw refusals.invalidRefreshToken();
      return { json: await tokensOf(refreshed, user) };
    }),

    /** A token with `otp_at`, which other services ask for too. */
    stepUp: authenticated(deps, 'stepUp', async ({ body, client }, { user, session }) => {
      if (!user.hasTwoFactor) throw refusals.twoFactorIsOff();
      await requireCode(deps, user, body.code, client);
      const steppedUp = await sessions.steppedUp(session);
      if (steppedUp === undefined) throw refusals.unauthenticated();
      await recordEvent(db, { event: 'stepped-up', account: user.account, client, detail: session.id });
      const accessToken = await tokens.issue(steppedUp, user.role);
      return { json: { accessToken, tokenType: 'Bearer', expiresIn: tokens.lifetimeSeconds } };
    }),

    me: authenticated(deps, 'me', async (_, { user, session }) => ({
      json: {
        accountId: user.account,
        email: user.email,
        emailVerified: user.isEmailVerified,
        role: user.role,
        twoFactor: user.hasTwoFactor,
        sessionId: session.id,
      },
    })),

    logOut: authenticated(deps, 'logOut', async ({ client }, { user, session }) => {
      await sessions.end(user.account, session.id);
      await recordEvent(db, { event: 'logged-out', account: user.account, client, detail: session.id });
      return {};
    }),

    sessions: authenticated(deps, 'sessions', async (_, caller) => {
      const ofAccount = await sessions.list(caller.user.account);
      const live = ofAccount.filter(({ securityEpoch }) => securityEpoch === caller.user.securityEpoch);
      return { json: live.map((session) => shown(session, caller.session)) };
    }),

    endSession: authenticated(deps, 'endSession', async ({ context, client }, { user: { account } }) => {
      const id = context.req.param('id') ?? '';
      const isEnded = /^[\w-]{22}$/.test(id) && (await sessions.end(account, id));
      if (!isEnded) throw refusals.unknownSession();
      await recordEvent(db, { event: 'session-ended', account, client, detail: id });
      return {};
    }),

    endAllSessions: authenticated(deps, 'endAllSessions', async ({ client }, { user: { account } }) => {
      await raiseSecurityEpoch(db, account);
      await sessions.endAll(account);
      await recordEvent(db, { event: 'all-sessions-ended', account, client });
      return {};
    }),

    securityEvents: authenticated(deps, 'securityEvents', async ({ query }, { user }) => ({
      json: await listEvents(db, user.account, query),
    })),

    /** Ends all sessions, this one too, and opens another. */
    changePassword: authenticated(deps, 'changePassword', async ({ body, client }, caller) => {
      const { account, email } = caller.user;
      await requireOwnPassword(deps, caller, 'currentPassword', body.currentPassword, client);
      const hash = await passwords.hash(body.password);
      const securityEpoch = await db.transaction().execute(async (transaction) => {
        await recordEvent(transaction, { event: 'password-changed', account, client });
        return setPassword(transaction, account, hash);
      });
      await sessions.endAll(account);
      background.start(() => mailer.send(mails.changed(email, 'Your password was changed')));
      const opened = await sessions.open({ account, securityEpoch }, client, false);
      return { json: await tokensOf(opened, caller.user) };
    }),
  };
}

function shown(session: Session, current: Session) {
  return {
    id: session.id,
    current: session.id === current.id,
    address: session.address,
    userAgent: session.userAgent,
    createdAt: Math.floor(session.createdAt / 1_000),
    refreshedAt: Math.floor(session.refreshedAt / 1_000),
    expiresAt: Math.floor(session.expiresAt / 1_000),
  };
}
