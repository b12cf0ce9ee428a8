import { runConformanceTests } from '@durable-streams/server-conformance-tests'

const baseUrl = process.env.CONFORMANCE_URL
if (!baseUrl) throw new Error('CONFORMANCE_URL has to be the address of a server; run.mjs sets it.')

runConformanceTests({ baseUrl, longPollTimeoutMs: 30_000, subscriptions: false })
