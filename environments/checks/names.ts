import { type Fault, fileOf, quoted } from '../faults.ts';

interface Named {
  readonly name: string;
}

/** A name that fits into others, and that no other environment has. */
export function nameFaults(environment: Named, all: readonly Named[]): Fault[] {
  const { name } = environment;
  const place = { file: fileOf(environment), field: 'name' };
  const mend = 'put the name of its file';
  // Load balancers allow 32 characters: "crossbook-", ten here, and room for a service.
  if (!/^[a-z][a-z0-9]{1,9}$/.test(name))
    return [{ ...place, fault: `${quoted(name)} is not 2 to 10 lower-case letters and digits`, mend }];
  if (all.find((other) => other.name === name) !== environment)
    return [{ ...place, fault: `${quoted(name)} is another environment's too`, mend }];
  return [];
}
