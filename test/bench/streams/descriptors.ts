/** Whether this machine lets a process have as many connections as the bench wants. */

/** What a process has open beside its clients, amply. */
const BESIDE_CLIENTS = 100;

interface UserLimits {
  readonly userLimits: { readonly open_files: { readonly soft: number | 'unlimited' } };
}

/** Of this process and those that it starts: Node.js raises what the shell says to the most that the system allows. */
function descriptorsMax(): number {
  const { userLimits } = process.report.getReport() as unknown as UserLimits;
  const { soft } = userLimits.open_files;
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}

/** Undefined, or why so many clients cannot be had and what to do. */
export function lackOfDescriptors(clients: number, most = descriptorsMax()): string | undefined {
  const needed = clients + BESIDE_CLIENTS;
  if (needed <= most) return undefined;
  return (
    `${clients} clients need ${needed} file descriptors in each of two processes, and ${most} are allowed: ` +
    `raise the limit (ulimit -n ${needed}), or ask for fewer (npm run bench:streams -- --clients ${Math.max(1, most - BESIDE_CLIENTS)})`
  );
}
