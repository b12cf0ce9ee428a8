// A hub on socket.io: an event "m" of a publisher goes to the room of the subscribers. socketio.mjs PORT
import { createServer } from 'node:http'
import { Server } from 'socket.io'

const server = createServer()
const io = new Server(server, { transports: ['websocket'], perMessageDeflate: false, serveClient: false })
io.engine.on('connection', (client) => {
  client.request = null // its documentation's way to need less memory
})
io.on('connection', (client) => {
  if (client.handshake.auth.role === 'sub') client.join('subscribers')
  else client.on('m', (message) => io.to('subscribers').emit('m', message))
})
server.listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 4096 })
