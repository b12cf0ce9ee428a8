package io.switchboard.http.stream;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.switchboard.core.exchange.Exchange;
import io.switchboard.core.store.Found;
import io.switchboard.core.store.Listing;
import io.switchboard.http.Responder;
import io.switchboard.http.Response;
import io.switchboard.http.wire.Query;
import io.switchboard.http.wire.SafeInteger;
import java.io.ByteArrayOutputStream;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** {@code GET /v1/streams?prefix=&after=&limit=}: which channels there are, by name. */
public final class ListHandler {
    static final int LIMIT_DEFAULT = 100;
    static final int LIMIT_MAX = 1_000;

    private static final JsonFactory JSON = new JsonFactory();

    private final Exchange exchange;

    public ListHandler(Exchange exchange) {
        this.exchange = exchange;
    }

    public void handle(Query query, Responder responder) {
        String prefix = query.first("prefix");
        String after = query.first("after");
        String asked = query.first("limit");
        long limit = asked == null ? LIMIT_DEFAULT : SafeInteger.parse(asked);
        if (limit < 1 || limit > LIMIT_MAX) {
            responder.send(Refusals.invalid("limit is a number from 1 to " + LIMIT_MAX + "."));
            return;
        }
        exchange.list(
                prefix == null ? "" : prefix,
                after == null ? "" : after,
                (int) limit,
                responder.loop(),
                listing -> responder.send(
                        switch (listing) {
                            case Listing.Page page ->
                                Response.of(200)
                                        .with(HttpHeaderNames.CONTENT_TYPE, "application/json")
                                        .with(HttpHeaderNames.CACHE_CONTROL, "no-cache")
                                        .body(json(page));
                            case Listing.Failed(var failure) -> Refusals.failed(failure);
                        }));
    }

    private static byte[] json(Listing.Page page) {
        ByteArrayOutputStream out =
                new ByteArrayOutputStream(128 * page.channels().size() + 64);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeArrayPropertyStart("channels");
            for (Found found : page.channels()) {
                json.writeStartObject();
                json.writeStringProperty("channel", found.info().name().value());
                json.writeStringProperty("contentType", found.info().type().value());
                json.writeStringProperty("offset", found.tail().offset().toString());
                json.writeBooleanProperty("closed", found.tail().closed());
                json.writeEndObject();
            }
            json.writeEndArray();
            if (page.more())
                json.writeStringProperty(
                        "after", page.channels().getLast().info().name().value());
            json.writeEndObject();
        }
        return out.toByteArray();
    }
}
