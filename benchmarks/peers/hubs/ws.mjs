// A hub on Node's ws: what comes in at /pub goes to everybody at /sub. ws.mjs PORT
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'

const subscribers = new Set()
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, clientTracking: false })
const server = createServer((request, response) => response.end('ready'))
server.on('upgrade', (request, socket, head) => {
  socket.setNoDelay(true)
  sockets.handleUpgrade(request, socket, head, (client) => {
    if (request.url === '/sub') {
      subscribers.add(client)
      client.on('close', () => subscribers.delete(client))
    } else {
      client.on('message', (data) => {
        for (const subscriber of subscribers) subscriber.send(data, { binary: false })
      })
    }
    client.on('error', () => {})
  })
})
server.listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 4096 })
