package io.switchboard.core.presence;

/** What a board tells those who watch it, in order. Immutable: all watching loops are given the same. */
sealed interface News {
    record Present(Snapshot snapshot) implements News {}

    record Joined(String member) implements News {}

    record Left(String member) implements News {}

    record Counted(int members) implements News {}

    /** Whether it says everything: what was told before does not matter to whoever hears it. */
    default boolean isWhole() {
        return switch (this) {
            case Present p -> true;
            case Counted c -> true;
            case Joined j -> false;
            case Left l -> false;
        };
    }

    default Watcher.Offer tell(Watcher watcher) {
        return switch (this) {
            case Present(Snapshot snapshot) -> watcher.present(snapshot);
            case Joined(String member) -> watcher.joined(member);
            case Left(String member) -> watcher.left(member);
            case Counted(int members) -> watcher.counted(members);
        };
    }
}
