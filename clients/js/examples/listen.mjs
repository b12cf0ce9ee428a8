// Prints what comes on a channel: node listen.mjs http://127.0.0.1:8080 news
import { connect } from 'switchboard-client'

const [url, name] = process.argv.slice(2)
for await (const { data } of connect(url).channel(name).subscribe({ from: '-1' })) console.log(data)
