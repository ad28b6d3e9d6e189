const TIMEOUT_MS = 10_000;
const POLL_MS = 2;

/** Waits until `condition` holds; throws when it does not come to that. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
