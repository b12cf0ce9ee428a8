package io.switchboard.bench;

/** Is told how a run goes on: about once a second, on the thread that runs it. */
@FunctionalInterface
public interface Progress {
    void line(String text);
}
