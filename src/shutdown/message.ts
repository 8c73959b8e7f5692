/** Node counts listeners of `message` to decide whether the channel keeps the process alive. Undocumented. */
interface CountedChannel {
  refCounted?(): void;
  unrefCounted?(): void;
}

function channel(): CountedChannel | undefined {
  return (process as { channel?: CountedChannel }).channel;
}

/**
 * Listens for the message `shutdown`, which PM2 sends where signals are not to be had (`shutdown_with_message`).
 * Our listener alone does not keep the process alive. Gives the function that removes it.
 */
export function onShutdownMessage(begin: () => void): () => void {
  const listener = (message: unknown) => {
    if (message === 'shutdown') begin();
  };
  process.on('message', listener);
  channel()?.unrefCounted?.();
  return () => {
    if (!process.listeners('message').includes(listener)) return;
    channel()?.refCounted?.();
    process.off('message', listener);
  };
}
