package io.switchboard.cli.doctor;

/** Who is told how it goes on. Called by the thread that runs the doctor. */
public interface Audience {
    /** A step begins, which may take as long as the patience for it. */
    void looking(Step step);

    void found(Finding finding);
}
