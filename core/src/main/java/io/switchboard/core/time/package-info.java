/**
 * Time as an argument: the current moment, a call later, and the loops that things are spread over.
 * It must not read a clock; whoever assembles the program hands one in.
 */
@NullMarked
package io.switchboard.core.time;

import org.jspecify.annotations.NullMarked;
