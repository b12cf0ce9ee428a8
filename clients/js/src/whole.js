// The client in one piece: nothing is loaded later. For pages that have to be complete once they are there.
import './parts.js'

export * from './index.js'
