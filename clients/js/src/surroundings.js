/** Tells a client what a page notices of its network, until `signal` ends it. */
export function listen(client, signal) {
  const { document, navigator } = globalThis
  const wake = () => document?.hidden || client.wake()
  globalThis.addEventListener?.('online', wake, { signal })
  document?.addEventListener('visibilitychange', wake, { signal })
  navigator?.connection?.addEventListener?.('change', () => client.retry(), { signal })
}
