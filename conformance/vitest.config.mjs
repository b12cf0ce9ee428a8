import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['suite.test.mjs'],
    testTimeout: 60_000, // some cases have no time-out of their own
    hookTimeout: 60_000,
    teardownTimeout: 5_000,
  },
})
