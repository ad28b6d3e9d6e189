/**
 * Runs one embedded PostgreSQL server as a child, and stops it when standard input ends: when the exchange asks,
 * and also when the exchange was killed and could not ask. So a server never outlives the exchange it belongs to.
 *
 * Started detached (its own session), since Ctrl-C or a signal to the exchange's process group must not reach
 * the database before the exchange has stored what it holds.
 */
import { spawn } from 'node:child_process';

/** A fast shutdown that takes longer becomes an immediate one; the next start then recovers from the log. */
const FAST_SHUTDOWN_TIMEOUT_MS = 20_000;

const [uid, gid, binary, ...parameters] = process.argv.slice(2);
const server = spawn(binary!, parameters, {
  stdio: ['ignore', 'inherit', 'inherit'],
  ...(uid ? { uid: Number(uid), gid: Number(gid) } : {}),
});
server.once('error', () => process.exit(1));
server.once('exit', (code) => process.exit(code ?? 1));

let stopping = false;
function stop(): void {
  if (stopping) return;
  stopping = true;
  server.kill('SIGINT');
  setTimeout(() => server.kill('SIGQUIT'), FAST_SHUTDOWN_TIMEOUT_MS);
}
process.stdin.once('end', stop).once('error', stop).resume();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
