/** Which images a release changes in an environment. */

type Digests = Readonly<Record<string, string>>;

/** A digest as far as people compare it. */
const short = (digest: string) => digest.replace('sha256:', '').slice(0, 12);

/** Such as `orders 0123456789ab instead of ba9876543210`, one for each image that is not `locked` there already. */
export function imageChanges(released: Digests, locked: Digests): string[] {
  return Object.entries(released)
    .filter(([service, digest]) => locked[service] !== digest)
    .map(([service, digest]) => {
      const before = locked[service];
      return `${service} ${short(digest)}${before === undefined ? ', new' : ` instead of ${short(before)}`}`;
    });
}
