package io.switchboard.cli.doctor;

import java.util.Optional;
import java.util.UUID;

/** Whether a long-poll is answered when there is news, with the news. */
final class LongPollCheck implements Check {
    @Override
    public Step step() {
        return Step.LONG_POLL;
    }

    @Override
    public void run(Visit visit) throws WireFailure {
        Optional<TestChannel> channel = visit.testChannel();
        if (channel.isEmpty()) {
            visit.found(Finding.skipped(
                    Step.LONG_POLL, "long-poll-skipped", "A long-poll needs news: name a channel with --channel."));
            return;
        }
        String path = Target.stream(channel.get().name());
        Answer now = visit.ask(visit.signed(Ask.get(path + "?offset=now")));
        Optional<String> offset =
                now.head().first("stream-next-offset").filter(text -> text.matches("[0-9A-Za-z_-]{1,64}"));
        if (offset.isEmpty()) {
            visit.found(Finding.trouble(
                    Step.LONG_POLL,
                    "offset-missing",
                    "An answer came without its Stream-Next-Offset: " + visit.proxy() + " takes it away."));
            return;
        }
        String word = UUID.randomUUID().toString();
        try (Wire wire = visit.open()) {
            wire.within(visit.patience());
            wire.send(visit.signed(Ask.get(path + "?offset=" + offset.get() + "&live=long-poll"))
                    .with("Connection", "close")
                    .bytes(visit.target()));
            long publishedNanos = System.nanoTime();
            Answer published = channel.get().publish(visit, word);
            if (published.status() >= 300) {
                visit.found(ChannelCheck.refused(visit, channel.get().name(), "written to", published));
                return;
            }
            wire.within(visit.patience());
            Answer news;
            try {
                news = visit.answer(wire, wire.head(), publishedNanos);
            } catch (WireFailure silent) {
                if (silent.kind() != WireFailure.Kind.LATE) throw silent;
                visit.found(Finding.trouble(
                        Step.LONG_POLL,
                        "long-poll-held-back",
                        "A long-poll was not answered within " + Excerpt.time(visit.patience())
                                + " after its message was published.",
                        Remedy.CACHE));
                return;
            }
            visit.found(
                    news.status() == 200 && news.text().contains(word)
                            ? Finding.ok(
                                    Step.LONG_POLL,
                                    "long-poll",
                                    "A long-poll was answered " + Excerpt.time(news.took())
                                            + " after its message was published.")
                            : Finding.trouble(
                                    Step.LONG_POLL,
                                    "long-poll-wrong",
                                    "A long-poll was answered " + news.status() + " without the message it waited for.",
                                    Remedy.CACHE));
        }
    }
}
