/** Loaded before a program: with SIGUSR2 its wall clock is set back by an hour. */
const HOUR_MS = 3_600_000;

const { now } = Date;
let shiftMs = 0;
Date.now = () => now() + shiftMs;
process.on('SIGUSR2', () => {
  shiftMs -= HOUR_MS;
});
