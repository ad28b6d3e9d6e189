/**
 * A service's environment variables, declared once in its `config.ts`: the service parses them at start,
 * and its ECS task definition is typed by the same declaration. The only file that touches `process.env`.
 */

/** What a variable's text has to be. A `duration` is whole milliseconds; a `list` is separated by commas. */
type VariableType = 'text' | 'integer' | 'port' | 'url' | 'duration' | 'list' | 'json';

interface Variable {
  readonly type: VariableType;
  /** What the variable means, in one line; printed with the fault when it is wrong. */
  readonly doc: string;
  /** Text used when the variable is absent. A variable without one is mandatory. */
  readonly default?: string;
  /** Comes from Secrets Manager on AWS, never from a plain environment entry; its value is never printed. */
  readonly secret?: true;
}

export type Variables = Readonly<Record<string, Variable>>;

type ValueOf<V extends Variable> = V['type'] extends 'integer' | 'port' | 'duration'
  ? number
  : V['type'] extends 'list'
    ? readonly string[]
    : V['type'] extends 'json'
      ? unknown
      : string;

/** The parsed values that a service's `main.ts` hands on. */
export type ConfigOf<S extends Variables> = {
  readonly [K in keyof S]: ValueOf<S[K]>;
};

type SecretNames<S extends Variables> = {
  [K in keyof S]: S[K] extends { secret: true } ? K : never;
}[keyof S];
type DefaultedNames<S extends Variables> = {
  [K in keyof S]: S[K] extends { default: string } ? K : never;
}[keyof S];

/** The plain entries a task definition must give this service: a missing one does not compile. */
export type EnvironmentOf<S extends Variables> = {
  readonly [K in Exclude<keyof S, SecretNames<S> | DefaultedNames<S>>]: string;
} & { readonly [K in Exclude<DefaultedNames<S>, SecretNames<S>>]?: string };

/** The secrets a task definition must give this service, each as a value of the deployer's type `T`. */
export type SecretsOf<S extends Variables, T> = {
  readonly [K in SecretNames<S>]: T;
};

/** What the variables with a default are unless they are set. */
export type DefaultsOf<S extends Variables> = {
  readonly [K in DefaultedNames<S>]: ValueOf<S[K]>;
};

/** Keeps the literal types of a declaration, so that {@link ConfigOf} and {@link EnvironmentOf} can use them. */
export function defineConfig<const S extends Variables>(variables: S): S {
  return variables;
}

/** One or more variables are absent or malformed; the message names every one of them and its mend. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/**
 * Parses `source` by the declaration.
 * @throws {ConfigError} naming all faults at once, so that a deployment is mended in one go.
 */
export function readConfig<S extends Variables>(
  variables: S,
  source: Readonly<Record<string, string | undefined>> = process.env,
): ConfigOf<S> {
  const values: Record<string, unknown> = {};
  const faults: string[] = [];
  for (const [name, variable] of Object.entries(variables)) {
    const text = source[name] || variable.default;
    if (text === undefined) {
      faults.push(`${name} is not set: ${variable.doc}`);
      continue;
    }
    const parsed = parse(variable.type, text);
    if ('fault' in parsed) {
      // A URL may have a password in it.
      const shown = variable.secret || variable.type === 'url' ? 'its value' : JSON.stringify(text);
      faults.push(`${name}: ${shown} ${parsed.fault}: ${variable.doc}`);
    } else {
      values[name] = parsed.value;
    }
  }
  if (faults.length > 0) throw new ConfigError(faults.join('\n'));
  return values as ConfigOf<S>;
}

/** The values of all variables that have a default, as if none were set. */
export function defaultsOf<S extends Variables>(variables: S): DefaultsOf<S> {
  const defaulted = Object.entries(variables).filter(([, variable]) => variable.default !== undefined);
  return readConfig(Object.fromEntries(defaulted), {}) as unknown as DefaultsOf<S>;
}

function parse(type: VariableType, text: string): { value: unknown } | { fault: string } {
  switch (type) {
    case 'text':
      return { value: text };
    case 'list':
      return {
        value: text
          .split(',')
          .map((item) => item.trim())
          .filter(Boolean),
      };
    case 'integer':
    case 'duration':
      return /^\d{1,15}$/.test(text) ? { value: Number(text) } : { fault: 'is not a whole number' };
    case 'port':
      return /^\d{1,5}$/.test(text) && Number(text) <= 65_535
        ? { value: Number(text) }
        : { fault: 'is not a port from 0 to 65535' };
    case 'url':
      return URL.canParse(text) ? { value: text } : { fault: 'is not a URL' };
    case 'json':
      try {
        return { value: JSON.parse(text) };
      } catch {
        return { fault: 'is not JSON' };
      }
  }
}
