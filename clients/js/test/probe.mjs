// Clients that are told what to do, and tell what they see, in objects that can be sent: so the same test looks at our
// clients in Node.js (probe-node.mjs), in a browser and in Java (Probe.java in client). Told is one of
//
//   { do: 'connect', id, url, transports?, heartbeat?, pollEvery?, ca? }    ca: a file with the certificate to trust
//   { do: 'subscribe', id, channel, from }
//   { do: 'publish', id, channel, number, data }
//   { do: 'close', id }
//
// and they tell { id, … } with one of
//
//   state, transport, why          of the client, at each change
//   channel, offset, data          a message
//   channel, gap                   up to this offset messages are gone
//   channel, end                   the subscription ended
//   stored: number                 what was published; or failed: number, code
//   error                          what should not be
export function probe(connect, tell) {
  const clients = new Map()
  const tasks = {
    connect(id, { url, ...options }) {
      const onState = ({ state, transport = null, why }) => tell({ id, state, transport, why })
      clients.set(id, connect(url, { ...options, onState }))
    },
    subscribe(id, { channel, from }) {
      clients.get(id).channel(channel).subscribe({
        from,
        onMessage: (data, { offset }) => tell({ id, channel, offset, data }),
        onGap: ({ to }) => tell({ id, channel, gap: to }),
        onEnd: (end) => tell({ id, channel, end }),
        onError: (error) => tell({ id, error: String(error) }),
      })
    },
    publish(id, { channel, number, data }) {
      const published = clients.get(id).channel(channel).publish(data)
      published.then(() => tell({ id, stored: number }), ({ code }) => tell({ id, failed: number, code }))
    },
    close: (id) => clients.get(id).close(),
  }
  return ({ do: task, id, ...how }) => tasks[task](id, how)
}
