/** What protects the engine, each of which can be taken away, to see that the simulator notices. */
export const guards = {
  appendsUncompared: 'the journal takes a batch whatever the head row says',
  takeoversUncompared: 'the journal takes a takeover whatever the head row says',
  acknowledgesEarly: 'commands are acknowledged before their batch is committed',
  publishesEarly: 'events are published before their batch is committed',
  answersUnconfirmed: 'queries are answered without showing that nobody else can lead',
  takesOverEarly: 'a standby waits for a tenth of the lease',
  resendsAnew: 'a client sends a request again under a new number',
  forgetsPublished: 'a new leader publishes from its own beginning on',
} as const;

export type Guard = keyof typeof guards;
