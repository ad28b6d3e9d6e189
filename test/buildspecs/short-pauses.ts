/** Loaded before a program: it pauses a twentieth of the time that it asks for, since what answers it here is at hand. */
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';

const SHORTER = 20;

const pause = timers.setTimeout;
timers.setTimeout = (delayMs = 0, ...rest) => pause(delayMs / SHORTER, ...rest);
syncBuiltinESMExports();
