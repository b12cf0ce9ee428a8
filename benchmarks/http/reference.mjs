// Runs the reference server of Durable Streams: node reference.mjs PORT [FOLDER]. Without a folder it keeps channels in memory.
import { DurableStreamTestServer } from '@durable-streams/server'

const [port, dataDir] = process.argv.slice(2)
const server = new DurableStreamTestServer({ port: Number(port), host: '127.0.0.1', ...(dataDir ? { dataDir } : {}) })
await server.start()
console.log('ready')
