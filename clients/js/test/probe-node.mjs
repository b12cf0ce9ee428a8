// The probe in a Node.js of its own, with lines of JSON on standard input and output. It ends with its input.
import { createInterface } from 'node:readline'
import { WebSocket } from 'ws'
import { connect } from '../src/index.js'
import { probe } from './probe.mjs'

const tell = (told) => process.stdout.write(JSON.stringify(told) + '\n')
const obey = probe((url, options) => connect(url, { WebSocket, ...options }), tell)
createInterface({ input: process.stdin })
  .on('line', (line) => obey(JSON.parse(line)))
  .on('close', () => process.exit())
