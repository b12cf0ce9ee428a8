package io.switchboard.http.advice;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.switchboard.core.access.Right;
import io.switchboard.core.advice.Advice;
import io.switchboard.core.advice.Evidence;
import io.switchboard.core.advice.Rules;
import io.switchboard.core.advice.Survey;
import io.switchboard.core.advice.Terms;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.exchange.Exchange;
import io.switchboard.http.Request;
import io.switchboard.http.Responder;
import io.switchboard.http.Response;
import io.switchboard.http.access.Denials;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import io.switchboard.http.wire.Query;
import io.switchboard.http.wire.SafeInteger;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * {@code GET /v1/advice?channel=NAME} for those who may read it, and {@code GET /v1/advice?limit=} for admins: of all
 * channels the sum, and those that would save most. Any loop.
 */
public final class AdviceHandler {
    /** Where it is. */
    public static final String PATH = "/v1/advice";

    static final int LIMIT_DEFAULT = 20;
    static final int LIMIT_MAX = 100;

    private final Exchange exchange;
    private final Rules rules;
    private final AdviceJson json;
    private final AtomicBoolean surveying = new AtomicBoolean(); // it takes the loops some time

    public AdviceHandler(Exchange exchange, Evidence evidence, Terms terms) {
        this.exchange = exchange;
        this.rules = new Rules(evidence.prices(), terms);
        this.json = new AdviceJson(rules, evidence, terms);
    }

    public void handle(Request request, Query query, Responder responder) {
        if (query.repeats("channel") || query.repeats("limit")) {
            responder.send(invalid("channel and limit come at most once."));
            return;
        }
        String name = query.first("channel");
        if (name == null) all(request, query, responder);
        else one(name, request, query, responder);
    }

    private void one(String name, Request request, Query query, Responder responder) {
        String problem =
                query.has("limit") ? "limit is for the advice on all channels." : ChannelName.problemWith(name);
        if (problem != null) {
            responder.send(invalid(problem));
            return;
        }
        ChannelName channel = new ChannelName(name);
        if (!Denials.allows(request, Right.READ, channel, responder)) return;
        exchange.observed(channel, responder.loop(), traffic -> {
            Advice advice = rules.advise(traffic);
            responder.send(answer(json.of(advice)));
        });
    }

    private void all(Request request, Query query, Responder responder) {
        if (!Denials.isAdmin(request, responder)) return;
        String asked = query.first("limit");
        long limit = asked == null ? LIMIT_DEFAULT : SafeInteger.parse(asked);
        if (limit < 1 || limit > LIMIT_MAX) {
            responder.send(invalid("limit is a number from 1 to " + LIMIT_MAX + "."));
        } else if (surveying.getAndSet(true)) {
            responder.send(Response.of(Problem.of(ErrorCode.UNAVAILABLE, "Somebody is being advised; try again."))
                    .with(HttpHeaderNames.RETRY_AFTER, "1"));
        } else {
            exchange.survey(rules, (int) limit, responder.loop(), (Survey survey) -> {
                surveying.set(false);
                responder.send(answer(json.of(survey)));
            });
        }
    }

    private static Response answer(byte[] body) {
        return Response.of(200)
                .with(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .with(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .body(body);
    }

    private static Response invalid(String sentence) {
        return Response.of(Problem.of(ErrorCode.INVALID, sentence));
    }
}
