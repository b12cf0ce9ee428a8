// Several servers on one Redis, and nginx in front of them as examples/cluster sets it up.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { home, startServer } from '../harness/server.mjs'
import { startProgram } from '../proxies/fixtures.mjs'

/**
 * Starts servers that are stopped when the test is over. Each can be killed, stopped and started again on its port.
 *
 * @param {{ after: (end: () => unknown) => void }} t
 * @param {{ redis: { url: string }, count?: number, flags?: string[], timeout?: string, log?: string }} options timeout: for an
 *     answer of Redis; long, as a server that begins on a busy machine would give up
 */
export async function startNodes(t, { redis, count = 3, flags = [], timeout = '5s', log = 'node' }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'switchboard-nodes-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const started = Array.from({ length: count }, async (_, i) => {
    const common = ['--store', 'redis', '--redis-urls', redis.url, '--redis-timeout', timeout, ...flags]
    const options = { data: path.join(folder, String(i)), flags: common, log: `${log}-${i + 1}` }
    let server = await startServer(options)
    const node = {
      url: server.url,
      port: server.port,
      kill: () => server.kill(),
      stop: () => server.stop(),
      async again() {
        server = await startServer({ ...options, port: node.port })
      },
    }
    t.after(() => server.stop())
    return node
  })
  return Promise.all(started)
}

/** nginx as examples/cluster has it, in front of three nodes: each request goes to the next. */
export async function startFront(t, nodes) {
  const text = readFileSync(path.join(home, 'examples', 'cluster', 'nginx.conf'), 'utf8')
  const front = await startProgram('cluster', 'nginx', (folder, port) => {
    const file = path.join(folder, 'nginx.conf')
    const filled = nodes.reduce((filled, node, i) => filled.replaceAll(`PORT${i + 1}`, node.port), text)
    writeFileSync(file, filled.replaceAll('PORT', port).replaceAll('WORK', folder))
    return ['-p', folder, '-e', 'stderr', '-c', file, '-g', 'daemon off;']
  })
  t.after(() => front.stop())
  return front
}
