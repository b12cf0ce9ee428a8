// Real proxies in front of a server, set up well and set up badly, for the tests of clients and of the doctor. Each fixture:
//
//   name, does    what it is called, and what it does, in a sentence
//   needs         the program it needs: nginx, haproxy, or none
//   start(port)   starts it in front of the server at 127.0.0.1:port; resolves with
//                 { url, port, stop(), ca?, connections?(), cut?(), freeze?() }
//
// `ca` is a file with the certificate to trust, where it speaks TLS. Fixtures of our own bytes can be told: `connections()`
// is how many are open, `cut()` ends them all, and `freeze()` lets them hang for ever; start(port, { afterBytes: Infinity })
// leaves them alone until then.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort, home } from '../harness/server.mjs'

const START_MILLIS_MAX = 15_000
const STOP_MILLIS_MAX = 5_000
const TRIES = 3 // a port that was free may be taken by the time it is used
const SHIPPED = path.join(home, 'docs', 'proxies')
const IDLE_SECONDS = 2

/** What a fixture needs and this machine does not have; undefined if it has all. */
export function missing({ needs, tls }) {
  for (const program of [needs, tls ? 'openssl' : undefined]) {
    if (program !== undefined && !has(program)) return `there is no ${program}`
  }
  return undefined
}

function has(program) {
  try {
    execFileSync(program, [program === 'openssl' ? 'version' : '-v'], { stdio: 'ignore', env: environment() })
    return true
  } catch {
    return false
  }
}

// Debian keeps servers where only root looks for programs.
function environment() {
  return { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }
}

function replaced(text, ...changes) {
  for (const [from, to] of changes) {
    const next = text.replaceAll(from, to)
    if (next === text) throw new Error(`The configuration has no ${from} any more; repair proxies/fixtures.mjs`)
    text = next
  }
  return text
}

/** Starts a program that listens; `prepare(folder, port)` writes its files and returns its arguments. */
export async function startProgram(name, program, prepare, tls) {
  const logs = path.join(home, 'target', 'test')
  mkdirSync(logs, { recursive: true })
  const log = path.join(logs, `proxy-${name}.log`)
  for (let tried = 1; ; tried++) {
    const folder = mkdtempSync(path.join(tmpdir(), 'switchboard-proxy-'))
    const port = await freePort()
    const logFile = createWriteStream(log, { flags: 'a' })
    const child = spawn(program, prepare(folder, port), { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] })
    let ended = false
    const exited = once(child, 'exit').then(() => (ended = true))
    for (const stream of [child.stdout, child.stderr]) stream.pipe(logFile, { end: false })
    const stop = async () => {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MILLIS_MAX)
      await exited
      clearTimeout(timer)
      logFile.end()
      rmSync(folder, { recursive: true, force: true })
    }
    if (await listens(port, () => ended)) {
      return {
        url: `${tls ? 'https' : 'http'}://${tls ? 'localhost' : '127.0.0.1'}:${port}`,
        port,
        stop,
        ca: tls ? path.join(folder, 'certificate.pem') : undefined,
      }
    }
    await stop()
    if (tried === TRIES) throw new Error(`${program} did not start; see ${log}`)
  }
}

async function listens(port, ended) {
  for (const end = Date.now() + START_MILLIS_MAX; Date.now() < end && !ended(); await pause(20)) {
    const socket = net.connect(port, '127.0.0.1')
    const open = await new Promise((resolve) => socket.on('connect', () => resolve(true)).on('error', () => resolve(false)))
    socket.destroy()
    if (open) return !ended()
  }
  return false
}

/** A key, and a certificate for this machine and live.example.com that nobody has signed. */
export function makeCertificate(folder) {
  const [key, certificate] = ['key.pem', 'certificate.pem'].map((name) => path.join(folder, name))
  const names = 'subjectAltName=DNS:localhost,DNS:live.example.com,IP:127.0.0.1'
  const options = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30']
  const subject = ['-subj', '/CN=localhost', '-addext', names]
  execFileSync('openssl', ['req', ...options, ...subject, '-keyout', key, '-out', certificate], { stdio: 'ignore' })
  return { key, certificate }
}

/** nginx with a configuration of ours, whose port, files and upstream are put in. */
function nginx(name, configuration, tls = false) {
  const prepare = (folder, port, upstreamPort) => {
    let site = replaced(configuration(), ['127.0.0.1:8080', `127.0.0.1:${upstreamPort}`], ['/var/log/nginx/', `${folder}/`])
    if (site.includes('/var/cache/nginx/')) site = replaced(site, ['/var/cache/nginx/', `${folder}/`])
    if (tls) {
      const { key, certificate } = makeCertificate(folder)
      site = replaced(
        site,
        ['listen 443', `listen 127.0.0.1:${port}`],
        ['/etc/ssl/live.example.com/fullchain.pem', certificate],
        ['/etc/ssl/live.example.com/privkey.pem', key],
      )
    } else {
      site = replaced(site, ['listen 443 ssl http2', `listen 127.0.0.1:${port}`]).replace(/^ *ssl_.*$/gm, '')
    }
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((each) => `${each}_temp_path ${folder}/${each};`)
    const all = `${process.getuid() === 0 ? 'user root;' : ''}
daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr warn;
events { worker_connections 4096; }
http { ${paths.join(' ')} access_log off;
${site}
}`
    const file = path.join(folder, 'nginx.conf')
    writeFileSync(file, all)
    return ['-p', folder, '-e', 'stderr', '-c', file]
  }
  return (upstreamPort) =>
    startProgram(name, 'nginx', (folder, port) => prepare(folder, port, upstreamPort), tls)
}

/** HAProxy with a configuration of ours, whose port, certificate and server are put in. */
function haproxy(name, configuration, tls = false) {
  const prepare = (folder, port, upstreamPort) => {
    // Not every machine that runs tests allows so many files.
    let text = replaced(configuration(), ['127.0.0.1:8080', `127.0.0.1:${upstreamPort}`], ['maxconn 40000', 'maxconn 2000'])
    if (tls) {
      const { key, certificate } = makeCertificate(folder)
      const both = path.join(folder, 'both.pem')
      writeFileSync(both, readFileSync(certificate, 'utf8') + readFileSync(key, 'utf8'), { mode: 0o600 })
      text = replaced(text, ['bind :443', `bind 127.0.0.1:${port}`], ['/etc/haproxy/live.example.com.pem', both])
    } else {
      text = text.replace(/^ *bind .*$/m, `  bind 127.0.0.1:${port}`)
    }
    const file = path.join(folder, 'haproxy.cfg')
    writeFileSync(file, text)
    return ['-db', '-f', file]
  }
  return (upstreamPort) =>
    startProgram(name, 'haproxy', (folder, port) => prepare(folder, port, upstreamPort), tls)
}

const shipped = (name) => () => readFileSync(path.join(SHIPPED, name), 'utf8')

/**
 * A proxy of our own that knows only bytes. What the server says passes until a connection has carried `afterBytes` of it;
 * then `then(client)` does what it does.
 */
function tunnel(afterBytesDefault, then) {
  return async (upstreamPort, { afterBytes = afterBytesDefault } = {}) => {
    const open = new Set()
    const server = net.createServer((client) => {
      const upstream = net.connect(upstreamPort, '127.0.0.1')
      const connection = { client, upstream, frozen: false }
      let carried = 0
      open.add(connection)
      const end = () => {
        open.delete(connection)
        client.destroy()
        upstream.destroy()
      }
      for (const socket of [client, upstream]) socket.setNoDelay(true).on('error', end).on('close', end)
      client.on('data', (bytes) => connection.frozen || upstream.write(bytes))
      upstream.on('data', (bytes) => {
        if (connection.frozen) return
        const left = afterBytes - carried
        carried += bytes.length
        if (bytes.length < left) client.write(bytes)
        else client.write(bytes.subarray(0, left), () => then(connection))
        if (bytes.length >= left) connection.frozen = true
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address()
    return {
      url: `http://127.0.0.1:${port}`,
      port,
      connections: () => open.size,
      cut: () => open.forEach(cut),
      freeze: () => open.forEach((connection) => (connection.frozen = true)),
      async stop() {
        open.forEach(cut)
        server.close()
        await once(server, 'close')
      },
    }
  }
}

function cut({ client, upstream }) {
  // Node never lets go of a socket that is reset while it is being shut down.
  if (client.readyState === 'open') client.resetAndDestroy()
  else client.destroy()
  upstream.destroy()
}

export const fixtures = [
  {
    name: 'nginx',
    does: 'nginx as docs/proxies/nginx.conf sets it up, without TLS.',
    needs: 'nginx',
    start: nginx('nginx', shipped('nginx.conf')),
  },
  {
    name: 'nginx-tls',
    does: 'The same with TLS and HTTP/2.',
    needs: 'nginx',
    tls: true,
    start: nginx('nginx-tls', shipped('nginx.conf'), true),
  },
  {
    name: 'nginx-cache',
    does: 'nginx as docs/proxies/nginx-cache.conf sets it up: who asks for the same is asked for once.',
    needs: 'nginx',
    start: nginx('nginx-cache', shipped('nginx-cache.conf')),
  },
  {
    name: 'haproxy',
    does: 'HAProxy as docs/proxies/haproxy.cfg sets it up, without TLS.',
    needs: 'haproxy',
    start: haproxy('haproxy', shipped('haproxy.cfg')),
  },
  {
    name: 'haproxy-tls',
    does: 'The same with TLS and HTTP/2.',
    needs: 'haproxy',
    tls: true,
    start: haproxy('haproxy-tls', shipped('haproxy.cfg'), true),
  },
  {
    name: 'haproxy-h2',
    does: 'The same, which speaks HTTP/2 with the server too.',
    needs: 'haproxy',
    tls: true,
    start: haproxy(
      'haproxy-h2',
      () => replaced(shipped('haproxy.cfg')(), ['127.0.0.1:8080 check', '127.0.0.1:8080 proto h2 check']),
      true,
    ),
  },
  {
    name: 'nginx-no-upgrade',
    does: 'nginx that passes on no Upgrade: a WebSocket handshake reaches the server as a plain GET.',
    needs: 'nginx',
    start: nginx('nginx-no-upgrade', () =>
      replaced(
        shipped('nginx.conf')(),
        ['proxy_set_header Upgrade $http_upgrade;', ''],
        ['proxy_set_header Connection $connection_upgrade;', 'proxy_set_header Connection "";'],
      ),
    ),
  },
  {
    name: 'haproxy-no-websocket',
    does: 'HAProxy that answers every handshake of a WebSocket with 403, as firewalls do.',
    needs: 'haproxy',
    start: haproxy('haproxy-no-websocket', () =>
      replaced(shipped('haproxy.cfg')(), [
        '  default_backend',
        '  http-request deny deny_status 403 if { req.hdr(upgrade) -i websocket }\n  default_backend',
      ]),
    ),
  },
  {
    name: 'haproxy-no-upgrade',
    does: 'HAProxy that takes the Upgrade away: a WebSocket handshake reaches the server as a plain GET.',
    needs: 'haproxy',
    start: haproxy('haproxy-no-upgrade', () =>
      replaced(shipped('haproxy.cfg')(), ['  default_backend', '  http-request del-header Upgrade\n  default_backend']),
    ),
  },
  {
    name: 'nginx-idle',
    does: `nginx that cuts what is quiet for ${IDLE_SECONDS} s.`,
    needs: 'nginx',
    start: nginx('nginx-idle', () => replaced(shipped('nginx.conf')(), ['timeout 90s', `timeout ${IDLE_SECONDS}s`])),
  },
  {
    name: 'haproxy-idle',
    does: `HAProxy that cuts what is quiet for ${IDLE_SECONDS} s.`,
    needs: 'haproxy',
    start: haproxy('haproxy-idle', () =>
      replaced(
        shipped('haproxy.cfg')(),
        ['client 90s', `client ${IDLE_SECONDS}s`],
        ['server 90s', `server ${IDLE_SECONDS}s`],
        ['tunnel 1h', `tunnel ${IDLE_SECONDS}s`],
      ),
    ),
  },
  {
    name: 'nginx-buffering',
    does: 'nginx that holds answers back until they are over or 4 KB long, whatever the server asks for; WebSockets pass.',
    needs: 'nginx',
    // Of HTTP/1.1 nginx passes on whole chunks even so; of HTTP/1.0 it does not.
    start: nginx('nginx-buffering', () =>
      replaced(
        shipped('nginx.conf')(),
        ['location / {', 'location @websocket {'],
        [
          'server_name live.example.com;',
          `location / {
    error_page 418 = @websocket;
    if ($http_upgrade) { return 418; }
    proxy_pass http://127.0.0.1:8080;
    proxy_buffering on;
    proxy_buffer_size 4k;
    proxy_buffers 8 4k;
    proxy_busy_buffers_size 8k;
    proxy_ignore_headers X-Accel-Buffering;
  }`,
        ],
      ),
    ),
  },
  {
    name: 'haproxy-buffering',
    does: 'HAProxy that holds answers back until they are over or 4 KB long, to look into them; WebSockets pass.',
    needs: 'haproxy',
    start: haproxy('haproxy-buffering', () =>
      replaced(shipped('haproxy.cfg')(), [
        '  option httpchk',
        '  http-response wait-for-body time 60s at-least 4k unless { status 101 }\n  option httpchk',
      ]),
    ),
  },
  {
    name: 'haproxy-delay',
    does: 'HAProxy without TLS as it is by itself: each event waits for the acknowledgement of the one before.',
    needs: 'haproxy',
    start: haproxy('haproxy-delay', () => replaced(shipped('haproxy.cfg')(), ['  option http-no-delay', '  no option http-no-delay'])),
  },
  {
    name: 'nginx-http-1.0',
    does: 'nginx as it is without settings: HTTP/1.0 to the server, no Upgrade, bodies of 1 MB at most.',
    needs: 'nginx',
    start: nginx(
      'nginx-http-1.0',
      () => `server { listen 443 ssl http2; access_log /var/log/nginx/switchboard.log;
location / { proxy_pass http://127.0.0.1:8080; } }`,
    ),
  },
  {
    name: 'dropping',
    does: 'Each connection is reset once it has carried 16 KB (afterBytes) of what the server says, in the middle of whatever.',
    start: tunnel(16 << 10, cut),
  },
  {
    name: 'half-dead',
    does: 'Each connection goes silent both ways once it has carried 16 KB (afterBytes), and is never closed.',
    start: tunnel(16 << 10, () => {}),
  },
]

/** The fixture of this name. */
export function fixture(name) {
  const found = fixtures.find((each) => each.name === name)
  if (found === undefined) throw new Error(`There is no fixture ${name}`)
  return found
}
