/** What the JSON API answers with, as its description has it; tests hold the answers that they get to it. */
import { z } from 'zod';

/** By route; one without has no JSON in its answer. */
export type Answers = Readonly<Record<string, z.ZodType>>;

/** An amount or a price, exact: with as many decimals as its asset has. */
export const amount = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .meta({ examples: ['0.25000000'] });
export const milliseconds = z.int().nonnegative().meta({ description: 'Since 1970, in milliseconds.' });
/** A number that counts up from 1. */
export const id = z.int().positive();
