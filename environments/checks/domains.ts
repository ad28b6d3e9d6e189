import { type Fault, fileOf, quoted } from '../faults.ts';

interface Reachable {
  readonly name: string;
  readonly domain: string;
  readonly hostedZone: { readonly id: string; readonly name: string };
  readonly role: string;
}

const hostName = /^([a-z0-9-]+\.)+[a-z]{2,}$/;

/** The domain, and the zone that it is in. */
export function domainFaults(environment: Reachable): Fault[] {
  const { domain, hostedZone } = environment;
  const file = fileOf(environment);
  const faults: Fault[] = [];
  if (!hostName.test(domain))
    faults.push({
      file,
      field: 'domain',
      fault: `${quoted(domain)} is not a host name`,
      mend: 'put the bare name, such as exchange.example.com',
    });
  else if (domain !== hostedZone.name && !domain.endsWith(`.${hostedZone.name}`))
    faults.push({
      file,
      field: 'domain',
      fault: `${quoted(domain)} is outside its hosted zone ${quoted(hostedZone.name)}`,
      mend: 'put the zone that the domain’s records go into, or a name in that zone',
    });
  // https://docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZone.html, without "/hostedzone/"
  if (!/^Z[A-Z0-9]{1,31}$/.test(hostedZone.id))
    faults.push({
      file,
      field: 'hostedZone.id',
      fault: `${quoted(hostedZone.id)} is not the id of a hosted zone`,
      mend: 'put what Route 53 shows as the zone’s id, such as Z0123456789ABCDEFGHIJ',
    });
  return faults;
}

/** Each primary has a domain of its own; a standby takes over its primary's, so it must have the same. */
export function sharedDomainFaults(environment: Reachable, all: readonly Reachable[]): Fault[] {
  if (environment.role !== 'primary') return [];
  const earlier = all.slice(0, all.indexOf(environment));
  return earlier
    .filter(({ role, domain }) => role === 'primary' && domain === environment.domain)
    .map(({ name }) => ({
      file: fileOf(environment),
      field: 'domain',
      fault: `${quoted(environment.domain)} is the domain of ${name} too`,
      mend: 'put one of its own',
    }));
}
