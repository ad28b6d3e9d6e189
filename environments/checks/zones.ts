import { type Fault, fileOf, quoted } from '../faults.ts';

interface Zoned {
  readonly name: string;
  readonly region: string;
  readonly availabilityZones: readonly string[];
}

/** Three different zones, all of them in the region. */
export function zoneFaults(environment: Zoned): Fault[] {
  const { region, availabilityZones } = environment;
  const place = { file: fileOf(environment), field: 'availabilityZones' };
  const foreign = availabilityZones.filter(
    (zone) => !(zone.startsWith(region) && /^[a-z]$/.test(zone.slice(region.length))),
  );
  const faults = foreign.map((zone) => ({
    ...place,
    fault: `${quoted(zone)} is not in ${region}`,
    mend: `put a zone of the region, such as ${region}a`,
  }));
  if (new Set(availabilityZones).size === 3 && availabilityZones.length === 3) return faults;
  const fault = `${quoted(availabilityZones)} are not three different zones`;
  return [...faults, { ...place, fault, mend: `put three, such as ${region}a, ${region}b and ${region}c` }];
}
