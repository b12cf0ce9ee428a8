package io.switchboard.http.advice;

import io.switchboard.core.advice.Advice;
import io.switchboard.core.advice.Cost;
import io.switchboard.core.advice.Evidence;
import io.switchboard.core.advice.Rules;
import io.switchboard.core.advice.Survey;
import io.switchboard.core.advice.Terms;
import io.switchboard.core.advice.Traffic;
import io.switchboard.core.advice.Transport;
import java.io.ByteArrayOutputStream;
import java.util.Locale;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Advice as JSON (spec/protocol.md, section 2.8). Any thread. */
final class AdviceJson {
    private static final JsonFactory JSON = new JsonFactory();

    private final Rules rules;
    private final Evidence evidence;
    private final Terms terms;

    AdviceJson(Rules rules, Evidence evidence, Terms terms) {
        this.rules = rules;
        this.evidence = evidence;
        this.terms = terms;
    }

    private interface Part {
        void write(JsonGenerator json);
    }

    private byte[] object(Part members) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(2_048);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            members.write(json);
            json.writeObjectPropertyStart("evidence");
            json.writeStringProperty("digest", evidence.digest());
            json.writeStringProperty("origin", evidence.origin());
            json.writeEndObject();
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    /** About one channel. */
    byte[] of(Advice advice) {
        return object(json -> {
            json.writeBooleanProperty("alone", terms.alone());
            json.writeName("advice");
            write(advice, json);
        });
    }

    /** About all. */
    byte[] of(Survey survey) {
        return object(json -> {
            json.writeBooleanProperty("alone", terms.alone());
            json.writeObjectPropertyStart("channels");
            json.writeNumberProperty("observed", survey.channels());
            json.writeNumberProperty("notObserved", survey.notObserved());
            for (Advice.Kind kind : Advice.Kind.values()) {
                json.writeNumberProperty(word(kind), survey.channels(kind));
            }
            json.writeEndObject();
            cost("now", survey.now(), json);
            cost("then", survey.then(), json);
            json.writeArrayPropertyStart("advice");
            for (Advice advice : survey.most()) write(advice, json);
            json.writeEndArray();
        });
    }

    private void write(Advice advice, JsonGenerator json) {
        json.writeStartObject();
        json.writeStringProperty("channel", advice.traffic().channel().value());
        json.writeStringProperty("kind", word(advice.kind()));
        json.writeNumberProperty("rule", advice.rule());
        if (advice.transport() != null) {
            json.writeStringProperty("transport", advice.transport().word());
            json.writeStringProperty("confidence", word(advice.confidence()));
        }
        json.writeStringProperty("sentence", rules.sentence(advice));
        String writers = advice.kind() == Advice.Kind.NONE ? null : rules.writers(advice.traffic());
        if (writers != null) json.writeStringProperty("writers", writers);
        traffic(advice.traffic(), json);
        if (advice.kind() != Advice.Kind.NONE) costs(advice, json);
        json.writeEndObject();
    }

    private static void costs(Advice advice, JsonGenerator json) {
        json.writeObjectPropertyStart("readers");
        for (Transport transport : Transport.values()) {
            number(transport.word(), advice.readers().getOrDefault(transport, 0.0), json);
        }
        json.writeEndObject();
        if (advice.pollEverySeconds() > 0) number("pollEverySeconds", advice.pollEverySeconds(), json);
        cost("now", advice.now(), json);
        cost("then", advice.then(), json);
        json.writeObjectPropertyStart("options");
        for (Transport transport : Transport.values()) {
            Cost cost = advice.options().get(transport);
            if (cost != null) cost(transport.word(), cost, json);
        }
        json.writeEndObject();
        if (advice.pollingPaysFromSeconds().isPresent()) {
            number("pollingPaysFromSeconds", advice.pollingPaysFromSeconds().getAsDouble(), json);
        }
    }

    private static void traffic(Traffic traffic, JsonGenerator json) {
        json.writeObjectPropertyStart("traffic");
        number("seconds", traffic.seconds(), json);
        hourly("messages", traffic.messages(), traffic, json);
        hourly("posts", traffic.posts(), traffic, json);
        hourly("said", traffic.said(), traffic, json);
        hourly("rounds", traffic.rounds(), traffic, json);
        number("bytesPerMessage", traffic.bytesPerMessage(), json);
        json.writeNumberProperty("largestBytes", traffic.largestBytes());
        hourly("polls", traffic.polls(), traffic, json);
        hourly("emptyPolls", traffic.emptyPolls(), traffic, json);
        hourly("longPolls", traffic.longPolls(), traffic, json);
        hourly("looks", traffic.looks(), traffic, json);
        hourly("pagesBehind", traffic.pagesBehind(), traffic, json);
        json.writeNumberProperty("eventStreams", traffic.events());
        json.writeNumberProperty("webSockets", traffic.sockets());
        json.writeNumberProperty("paced", traffic.paced());
        if (traffic.paced() > 0) number("pacedEverySeconds", traffic.everySeconds(), json);
        json.writeEndObject();
    }

    private static void hourly(String name, double count, Traffic traffic, JsonGenerator json) {
        number(name + "PerHour", traffic.perHour(count), json);
    }

    private static void cost(String name, Cost cost, JsonGenerator json) {
        json.writeObjectPropertyStart(name);
        number("requestsPerHour", cost.requestsPerHour(), json);
        number("bytesPerHour", cost.bytesPerHour(), json);
        number("cpuSecondsPerHour", cost.cpuSecondsPerHour(), json);
        number("memoryBytes", cost.memoryBytes(), json);
        number("delaySeconds", cost.delaySeconds(), json);
        json.writeEndObject();
    }

    // What is known of it is no more than four digits; JSON has no more than that either.
    private static void number(String name, double value, JsonGenerator json) {
        double whole = Math.rint(value);
        if (value >= 1_000) json.writeNumberProperty(name, (long) whole);
        else json.writeNumberProperty(name, Math.rint(value * 1e4) / 1e4);
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
