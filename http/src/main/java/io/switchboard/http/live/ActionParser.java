package io.switchboard.http.live;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Producer;
import io.switchboard.core.reading.ReadFrom;
import io.switchboard.http.wire.JsonMessages;
import io.switchboard.http.wire.JsonValue;
import io.switchboard.http.wire.SafeInteger;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what a client says on the line: one JSON object a message. Unknown members are ignored. */
final class ActionParser {
    static final double RATE_MIN = 0.1;
    static final double RATE_MAX = 100;
    static final int TOKEN_LENGTH_MAX = 16 * 1024;
    static final long NO_ID = -1;

    /** What a message holds. */
    sealed interface Result {
        /** @param id to be echoed in the reply; {@link #NO_ID} if none is wanted */
        record Understood(long id, Action action) implements Result {}

        record Refused(long id, String sentence) implements Result {}

        record NotJson() implements Result {}
    }

    private static final class Flaw extends Exception {
        Flaw(String sentence) {
            super(sentence, null, false, false);
        }
    }

    private final Map<String, JsonValue> members;

    private ActionParser(Map<String, JsonValue> members) {
        this.members = members;
    }

    static Result parse(byte[] message) {
        Map<String, JsonValue> members = JsonValue.members(message);
        if (members == null) return new Result.NotJson();
        JsonValue given = members.get("id");
        long id = given == null ? NO_ID : given.count();
        if (given != null && id < 1) return new Result.Refused(NO_ID, "id is an integer from 1 to 2^53 - 1.");
        try {
            return new Result.Understood(id, new ActionParser(members).action());
        } catch (Flaw flaw) {
            return new Result.Refused(id, String.valueOf(flaw.getMessage()));
        }
    }

    private Action action() throws Flaw {
        String action = text("action");
        if (action == null)
            throw new Flaw("action is missing: auth, subscribe, unsubscribe, publish, presence or ping.");
        return switch (action) {
            case "auth" -> auth();
            case "subscribe" -> subscribe();
            case "unsubscribe" -> new Action.Unsubscribe(channel());
            case "publish" -> publish();
            case "presence" -> new Action.Presence(channel());
            case "ping" -> new Action.Ping();
            default ->
                throw new Flaw("There is no such action; there are auth, subscribe, unsubscribe, publish, presence"
                        + " and ping.");
        };
    }

    private @Nullable String text(String name) throws Flaw {
        JsonValue value = members.get(name);
        if (value == null) return null;
        String text = value.text();
        if (text == null) throw new Flaw(name + " is a string.");
        return text;
    }

    private boolean flag(String name) throws Flaw {
        JsonValue value = members.get(name);
        if (value == null || value.isFalse()) return false;
        if (!value.isTrue()) throw new Flaw(name + " is true or false.");
        return true;
    }

    private ChannelName channel() throws Flaw {
        String name = text("channel");
        if (name == null) throw new Flaw("channel is missing.");
        String problem = ChannelName.problemWith(name);
        if (problem != null) throw new Flaw(problem);
        return new ChannelName(name);
    }

    private Action auth() throws Flaw {
        String token = text("token");
        if (token == null || token.isEmpty() || token.length() > TOKEN_LENGTH_MAX) {
            throw new Flaw("token is a string of 1 to " + TOKEN_LENGTH_MAX + " characters.");
        }
        return new Action.Auth(token);
    }

    private Action subscribe() throws Flaw {
        ChannelName channel = channel();
        String offset = text("offset");
        ReadFrom from = offset == null ? new ReadFrom.Now() : ReadFrom.parse(offset);
        if (from == null) throw new Flaw("offset is -1, now, or an offset that this server gave.");
        JsonValue rate = members.get("rate");
        double perSecond = rate == null ? 0 : rate.number();
        if (rate != null && !(perSecond >= RATE_MIN && perSecond <= RATE_MAX)) {
            throw new Flaw("rate is a number from 0.1 to 100, in messages a second.");
        }
        return new Action.Subscribe(channel, from, perSecond, flag("presence"));
    }

    private Action publish() throws Flaw {
        ChannelName channel = channel();
        boolean close = flag("close");
        Action.Content content = content();
        if (content == null && !close) throw new Flaw("A publication has data, base64 or batch, or closes.");
        return new Action.Publish(channel, content, close, producer());
    }

    private Action.@Nullable Content content() throws Flaw {
        JsonValue data = members.get("data");
        JsonValue base64 = members.get("base64");
        JsonValue batch = members.get("batch");
        int given = (data == null ? 0 : 1) + (base64 == null ? 0 : 1) + (batch == null ? 0 : 1);
        if (given == 0) return null;
        if (given > 1) throw new Flaw("data, base64 and batch exclude each other.");
        if (data != null) return json(List.of(data));
        if (base64 != null) return new Action.Content.Bytes(Payloads.one(decode(base64)));
        List<JsonValue> messages = batch == null ? null : batch.elements(JsonMessages.MESSAGES_MAX);
        if (messages == null || messages.isEmpty()) {
            throw new Flaw("batch is an array of 1 to " + JsonMessages.MESSAGES_MAX + " messages.");
        }
        return json(messages);
    }

    private static byte[] decode(JsonValue base64) throws Flaw {
        String text = base64.text();
        try {
            byte[] bytes = text == null ? new byte[0] : Base64.getDecoder().decode(text);
            if (bytes.length > 0) return bytes;
        } catch (IllegalArgumentException e) {
            // told below
        }
        throw new Flaw("base64 is a string in base64 (RFC 4648, section 4), of one byte or more.");
    }

    private static Action.Content json(List<JsonValue> messages) {
        List<byte[]> values = new ArrayList<>(messages.size());
        List<byte[]> texts = new ArrayList<>();
        for (JsonValue message : messages) {
            values.add(message.bytes());
            String text = message.text();
            if (text != null && !text.isEmpty()) texts.add(text.getBytes(StandardCharsets.UTF_8));
        }
        return new Action.Content.Json(payloads(values), texts.size() == values.size() ? payloads(texts) : null);
    }

    private static Payloads payloads(List<byte[]> messages) {
        if (messages.size() == 1) return Payloads.one(messages.getFirst());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int[] ends = new int[messages.size()];
        for (int i = 0; i < ends.length; i++) {
            bytes.writeBytes(messages.get(i));
            ends[i] = bytes.size();
        }
        return new Payloads(bytes.toByteArray(), ends);
    }

    private @Nullable Producer producer() throws Flaw {
        JsonValue given = members.get("producer");
        if (given == null) return null;
        Map<String, JsonValue> mark = given.members();
        JsonValue id = mark == null ? null : mark.get("id");
        JsonValue epoch = mark == null ? null : mark.get("epoch");
        JsonValue seq = mark == null ? null : mark.get("seq");
        String name = id == null ? null : id.text();
        boolean good = name != null
                && !name.isEmpty()
                && name.length() <= Producer.ID_LENGTH_MAX
                && epoch != null
                && epoch.count() != SafeInteger.INVALID
                && seq != null
                && seq.count() != SafeInteger.INVALID;
        if (!good || name == null || epoch == null || seq == null) {
            throw new Flaw("producer has an id (1 to 256 characters), an epoch and a seq (0 to 2^53 - 1).");
        }
        return new Producer(name, epoch.count(), seq.count());
    }
}
