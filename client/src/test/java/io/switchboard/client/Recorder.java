package io.switchboard.client;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** Keeps what a listener is told, as texts in order; and waits for it. */
class Recorder implements Listener {
    static final Duration PATIENCE = Duration.ofSeconds(20);

    final List<Message> messages = new CopyOnWriteArrayList<>();
    final List<String> told = new CopyOnWriteArrayList<>();
    final List<State> states = new CopyOnWriteArrayList<>();
    final List<Presence> presences = new CopyOnWriteArrayList<>();
    final List<End> ends = new CopyOnWriteArrayList<>();

    @Override
    public void onMessage(Message message) {
        messages.add(message);
        told.add(message.json());
    }

    @Override
    public void onGap(Gap gap) {
        told.add("gap");
    }

    @Override
    public void onState(State state) {
        states.add(state);
    }

    @Override
    public void onPresence(Presence presence) {
        presences.add(presence);
    }

    @Override
    public void onEnd(End end) {
        told.add(end.kind().name());
        ends.add(end);
    }

    void await(int messagesAtLeast) {
        Awaiting.until(PATIENCE, () -> messages.size() >= messagesAtLeast, () -> "told " + tail());
    }

    void awaitEnd() {
        Awaiting.until(PATIENCE, () -> !ends.isEmpty(), () -> "told " + tail());
    }

    void awaitState(State state) {
        Awaiting.until(
                PATIENCE,
                () -> !states.isEmpty() && states.getLast() == state,
                () -> "states " + states + " " + tail());
    }

    void awaitPresence(Predicate<Presence> wanted) {
        Awaiting.until(
                PATIENCE,
                () -> !presences.isEmpty() && wanted.test(presences.getLast()),
                () -> "presences " + presences);
    }

    private List<String> tail() {
        List<String> all = List.copyOf(told);
        return all.subList(Math.max(0, all.size() - 20), all.size());
    }
}
