/** Waits until `check` holds, asking every 10 ms, and fails with the last reason after `ms`. */
export async function eventually(check: () => Promise<void> | void, ms = 5_000): Promise<void> {
  const end = Date.now() + ms;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
