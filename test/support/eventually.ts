/** Calls `check` every 10 ms until it succeeds. @throws its last error after `ms` */
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
