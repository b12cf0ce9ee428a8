package io.switchboard.http.stream;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.exchange.Exchange;
import io.switchboard.core.store.DeleteOutcome;
import io.switchboard.http.Responder;
import io.switchboard.http.Response;

/** DELETE: removes a channel (Durable Streams, section 5.4). */
final class DeleteHandler {
    private final Exchange exchange;

    DeleteHandler(Exchange exchange) {
        this.exchange = exchange;
    }

    void handle(ChannelName channel, Responder responder) {
        exchange.delete(
                channel,
                responder.loop(),
                outcome -> responder.send(
                        switch (outcome) {
                            case DeleteOutcome.Deleted() -> Response.of(204);
                            case DeleteOutcome.NotFound() -> Refusals.notFound();
                            case DeleteOutcome.Gone() -> Refusals.deleted();
                            case DeleteOutcome.Failed(var failure) -> Refusals.failed(failure);
                        }));
    }
}
