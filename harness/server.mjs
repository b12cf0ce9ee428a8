// Starts ./switchboard serve as a user would, for the tests that talk to a real server.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdirSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export const home = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')

const START_MILLIS_MAX = 300_000 // the first start builds
const STOP_MILLIS_MAX = 20_000

/** A port that nobody had a moment ago. */
export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/**
 * Resolves when the server answers requests. `log` is the name of its log in target/test/.
 *
 * @param {{ data: string, port?: number, flags?: string[], log?: string }} options
 */
export async function startServer({ data, port = 0, flags = [], log = 'server' }) {
  const folder = path.join(home, 'target', 'test')
  mkdirSync(folder, { recursive: true })
  const logPath = path.join(folder, `${log}.log`)
  const logFile = createWriteStream(logPath, { flags: 'a' })
  const child = spawn(
    path.join(home, 'switchboard'),
    ['serve', '--port', String(port), '--data', data, '--drain', '1s', ...flags],
    { cwd: home, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const exited = once(child, 'exit')
  child.stderr.pipe(logFile, { end: false })
  const url = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`The server was not ready after ${START_MILLIS_MAX / 1000} s; see ${logPath}`))
    }, START_MILLIS_MAX)
    let found
    createInterface({ input: child.stdout }).on('line', (line) => {
      logFile.write(line + '\n')
      found ??= /^Switchboard listens on (https?:\/\/[^ ;]+)/.exec(line)?.[1]
      if (!line.startsWith('Ctrl-C')) return
      clearTimeout(timer)
      resolve(found)
    })
    exited.then(([code]) => {
      clearTimeout(timer)
      reject(new Error(`The server ended with code ${code} instead of starting; see ${logPath}`))
    })
  })
  return {
    url,
    port: Number(new URL(url).port),
    /** Ends the server as a supervisor does; resolves with its exit code. */
    async stop() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MILLIS_MAX)
      const [code] = await exited
      clearTimeout(timer)
      logFile.end()
      return code
    },
    /** Ends the server without a word, as a crash does. */
    async kill() {
      child.kill('SIGKILL')
      await exited
      logFile.end()
    },
  }
}
