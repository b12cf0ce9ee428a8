// An HTTP proxy in front of a server, with the faults that proxies have. Nothing of it is of the client.
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { connect } from 'node:net'
import { WebSocketServer } from 'ws'

export class Proxy {
  #server
  #sockets = new Set()
  /** `pass`; `silent`: opens and never speaks; `refuse`: 502; `stripped`: opens without the subprotocol. */
  websocket = 'pass'
  /** `pass`; `hold`: the head comes, and no byte of the body; `refuse`: 502. */
  sse = 'pass'
  /** Of so many answers with messages to come only a part of the head arrives, and then the end of the connection. */
  breaksHeads = 0
  /** What to answer instead of asking the server: `{ status, headers }`. */
  answer
  /** Whether a POST reaches the server, and its answer nobody. */
  losesAnswers = false
  requests = []

  /** @param {() => number} port of the server */
  static async start(port) {
    const proxy = new Proxy()
    const silent = new WebSocketServer({ noServer: true, handleProtocols: ([first]) => proxy.websocket === 'silent' && first })
    proxy.#server = createServer((from, to) => proxy.#pass(port(), from, to))
    proxy.#server.on('upgrade', (from, socket, head) => {
      proxy.requests.push(`WebSocket ${from.url}`)
      proxy.#sockets.add(socket.on('error', () => {}))
      if (proxy.answer || proxy.websocket === 'refuse') return socket.end('HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n')
      if (proxy.websocket !== 'pass') return silent.handleUpgrade(from, socket, head, () => {})
      const far = connect(port(), '127.0.0.1', () => {
        far.write(`${from.method} ${from.url} HTTP/1.1\r\n`)
        for (let i = 0; i < from.rawHeaders.length; i += 2) far.write(`${from.rawHeaders[i]}: ${from.rawHeaders[i + 1]}\r\n`)
        far.write('\r\n')
        far.write(head)
        socket.pipe(far).pipe(socket)
      })
      far.on('error', () => socket.destroy())
      socket.on('close', () => far.destroy())
    })
    proxy.#server.on('connection', (socket) => proxy.#sockets.add(socket))
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    proxy.url = `http://127.0.0.1:${proxy.#server.address().port}`
    return proxy
  }

  #pass(port, from, to) {
    this.requests.push(`${from.method} ${from.url}`)
    if (this.sse === 'refuse' && from.url.startsWith('/live')) return to.writeHead(502).end()
    if (this.answer) return to.writeHead(this.answer.status, this.answer.headers).end()
    const far = request({ port, host: '127.0.0.1', method: from.method, path: from.url, headers: from.headers }, (answer) => {
      if (from.method === 'POST' && this.losesAnswers) return to.destroy()
      if (this.breaksHeads > 0 && from.method === 'GET' && answer.headers['content-length'] > '[]'.length) {
        this.breaksHeads--
        const { 'content-length': _, ...others } = answer.headers
        const head = Object.entries(others).map(([name, value]) => `${name}: ${value}\r\n`)
        answer.resume()
        return to.socket.end(`HTTP/1.1 ${answer.statusCode} OK\r\n${head.join('')}content-le`)
      }
      to.writeHead(answer.statusCode, answer.headers)
      const isHeld = this.sse === 'hold' && /event-stream/.test(answer.headers['content-type'])
      if (isHeld) to.flushHeaders()
      else answer.pipe(to)
    })
    far.on('error', () => to.destroy())
    to.on('close', () => far.destroy())
    from.pipe(far)
  }

  /** Ends the connections there are. */
  cut() {
    for (const socket of this.#sockets) socket.destroy()
    this.#sockets.clear()
  }

  async stop() {
    this.#server.close()
    this.cut()
  }
}
