package io.switchboard.http.stream;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.switchboard.core.access.Access;
import io.switchboard.core.access.Right;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ChannelPattern;
import io.switchboard.core.exchange.Exchange;
import io.switchboard.core.store.Found;
import io.switchboard.core.store.Listing;
import io.switchboard.http.Request;
import io.switchboard.http.Responder;
import io.switchboard.http.Response;
import io.switchboard.http.access.Denials;
import io.switchboard.http.access.PageMark;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import io.switchboard.http.wire.Query;
import io.switchboard.http.wire.SafeInteger;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * {@code GET /v1/streams?prefix=&after=&limit=}: which channels there are, by name. Who may not read a channel does not
 * see it, nor a name of one in the mark to go on from.
 */
public final class ListHandler {
    static final int LIMIT_DEFAULT = 100;
    static final int LIMIT_MAX = 1_000;

    /** How often the store is asked for one answer, to find channels that may be read among those that may not. */
    static final int LOOKS_MAX = 4;

    /** Lists made at once, by all loops: each look takes one of the store's few threads that read a while. */
    static final int RUNNING_MAX = 8;

    private static final JsonFactory JSON = new JsonFactory();

    private final Exchange exchange;
    private final PageMark marks;
    private final AtomicInteger running = new AtomicInteger(); // lists

    public ListHandler(Exchange exchange, PageMark marks) {
        this.exchange = exchange;
        this.marks = marks;
    }

    /** @param request of somebody who said who it is */
    public void handle(Request request, Query query, Responder responder) {
        if (!Denials.isKnown(request, responder)) return;
        String asked = query.first("limit");
        long limit = asked == null ? LIMIT_DEFAULT : SafeInteger.parse(asked);
        if (limit < 1 || limit > LIMIT_MAX) {
            responder.send(Refusals.invalid("limit is a number from 1 to " + LIMIT_MAX + "."));
            return;
        }
        String given = query.first("after");
        String after = given == null ? "" : marks.read(given);
        if (after == null) {
            responder.send(Refusals.invalid("after is a name, or what this server gave not too long ago."));
            return;
        }
        String begin = query.first("prefix");
        String prefix = narrowed(begin == null ? "" : begin, request.access());
        if (prefix == null) responder.send(answer(List.of(), null));
        else if (running.incrementAndGet() > RUNNING_MAX) refuse(responder);
        else new Search(prefix, (int) limit, request.access(), responder).look(after, LOOKS_MAX);
    }

    private void refuse(Responder responder) {
        running.decrementAndGet();
        responder.send(Response.of(
                        Problem.of(ErrorCode.UNAVAILABLE, "As many lists are being made as may be at once; try again."))
                .with(HttpHeaderNames.RETRY_AFTER, "1"));
    }

    /** The longest prefix that all the wanted channels have which may be read; null if there are none. */
    private static @Nullable String narrowed(String prefix, Access access) {
        String common = null;
        for (ChannelPattern pattern : access.grants().read()) {
            String start = pattern.commonStart();
            if (!start.startsWith(prefix) && !prefix.startsWith(start)) continue;
            String longer = start.length() > prefix.length() ? start : prefix;
            common = common == null ? longer : common(common, longer);
        }
        return common;
    }

    private static String common(String a, String b) {
        int length = 0;
        while (length < a.length() && length < b.length() && a.charAt(length) == b.charAt(length)) length++;
        return a.substring(0, length);
    }

    /** One request, whose page fills look by look. */
    private final class Search {
        private final String prefix;
        private final int limit;
        private final Access access;
        private final Responder responder;
        private final List<Found> found = new ArrayList<>();

        Search(String prefix, int limit, Access access, Responder responder) {
            this.prefix = prefix;
            this.limit = limit;
            this.access = access;
            this.responder = responder;
        }

        void look(String after, int looks) {
            int wanted = looks == LOOKS_MAX ? limit : LIMIT_MAX;
            exchange.list(prefix, after, wanted, responder.loop(), listing -> {
                switch (listing) {
                    case Listing.Failed(var failure) -> end(Refusals.failed(failure));
                    case Listing.Page page -> take(page, after, looks);
                }
            });
        }

        private void take(Listing.Page page, String after, int looks) {
            String last = after;
            for (Found next : page.channels()) {
                ChannelName name = next.info().name();
                last = name.value();
                if (access.allows(Right.READ, name)) found.add(next);
                if (found.size() == limit) {
                    // Whether anything follows is not looked at: it might be what may not be shown.
                    end(answer(found, last));
                    return;
                }
            }
            if (!page.more()) end(answer(found, null));
            else if (looks > 1) look(last, looks - 1);
            else end(answer(found, marks.hidden(last)));
        }

        private void end(Response response) {
            running.decrementAndGet();
            responder.send(response);
        }
    }

    private static Response answer(List<Found> channels, @Nullable String after) {
        return Response.of(200)
                .with(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .with(HttpHeaderNames.CACHE_CONTROL, "no-cache")
                .body(json(channels, after));
    }

    private static byte[] json(List<Found> channels, @Nullable String after) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(128 * channels.size() + 64);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeArrayPropertyStart("channels");
            for (Found found : channels) {
                json.writeStartObject();
                json.writeStringProperty("channel", found.info().name().value());
                json.writeStringProperty("contentType", found.info().type().value());
                json.writeStringProperty("offset", found.tail().offset().toString());
                json.writeBooleanProperty("closed", found.tail().closed());
                json.writeEndObject();
            }
            json.writeEndArray();
            if (after != null) json.writeStringProperty("after", after);
            json.writeEndObject();
        }
        return out.toByteArray();
    }
}
