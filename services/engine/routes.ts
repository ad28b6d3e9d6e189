import { COMMANDS_PATH, EVENTS_PATH, HANDOFF_PATH, LEADER_PATH } from '#platform/engine-protocol.ts';
import { defineRoutes } from '#platform/routes.ts';

/** For the other services and engines alone: no load balancer that the public reaches leads here. */
export const routes = defineRoutes({
  commands: { method: 'GET', path: COMMANDS_PATH, security: 'NONE', weight: 0, upgrade: true },
  events: { method: 'GET', path: EVENTS_PATH, security: 'NONE', weight: 0, upgrade: true },
  leader: { method: 'GET', path: LEADER_PATH, security: 'NONE', weight: 0 },
  handoff: { method: 'POST', path: HANDOFF_PATH, security: 'NONE', weight: 0 },
});
