/** Tests the doctor by itself: what it parses, and what it makes of servers that no healthy one is. */
@NullMarked
package io.switchboard.cli.doctor;

import org.jspecify.annotations.NullMarked;
