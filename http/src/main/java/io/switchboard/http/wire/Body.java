package io.switchboard.http.wire;

import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Payloads;

/** The messages of an append, checked as the type of its channel demands. */
public sealed interface Body {
    record Messages(Payloads payloads) implements Body {}

    /** A JSON array without elements: no messages. */
    record EmptyArray() implements Body {}

    record Refused(String sentence) implements Body {}

    /**
     * One message and no more, a JSON array too.
     *
     * @param bytes 1 or more
     */
    static Body one(ContentType type, byte[] bytes) {
        if (type.kind() != ContentType.Kind.JSON) return of(type, bytes);
        return JsonMessages.whole(bytes) instanceof JsonMessages.Result.Messages(Payloads message)
                ? new Messages(message)
                : new Refused("The messages of this channel are JSON, and this is none.");
    }

    /**
     * A request's body, where a JSON array holds one message an element.
     *
     * @param bytes 1 or more
     */
    static Body of(ContentType type, byte[] bytes) {
        return switch (type.kind()) {
            case BINARY -> new Messages(Payloads.one(bytes));
            case TEXT ->
                Utf8.isValid(bytes, 0, bytes.length)
                        ? new Messages(Payloads.one(bytes))
                        : new Refused("The messages of a text channel are valid UTF-8.");
            case JSON ->
                switch (JsonMessages.split(bytes)) {
                    case JsonMessages.Result.Messages(Payloads payloads) -> new Messages(payloads);
                    case JsonMessages.Result.EmptyArray() -> new EmptyArray();
                    case JsonMessages.Result.Invalid invalid -> new Refused(invalid.sentence());
                    case JsonMessages.Result.TooMany() ->
                        new Refused("One append has at most " + JsonMessages.MESSAGES_MAX + " messages.");
                };
        };
    }
}
