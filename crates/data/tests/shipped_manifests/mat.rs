//! MATLAB files of version 5, as far as data sets have them: matrices of numbers, and texts beside them.
//! Layout: "MAT-File Format", `MathWorks`, the chapter on level 5.

/// A variable: class of the array, rows and columns, name, type of its numbers and these as bytes.
fn variable(name: &str, class: u32, [rows, columns]: [usize; 2], kind: u32, data: &[u8]) -> Vec<u8> {
    let element = |kind: u32, data: &[u8]| {
        let mut bytes = [kind.to_le_bytes(), (data.len() as u32).to_le_bytes()].concat();
        bytes.extend_from_slice(data);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes
    };
    let flags = [class.to_le_bytes(), 0u32.to_le_bytes()].concat();
    let sizes = [(rows as i32).to_le_bytes(), (columns as i32).to_le_bytes()].concat();
    let content = [element(6, &flags), element(5, &sizes), element(1, name.as_bytes()), element(kind, data)];
    element(14, &content.concat())
}

/// Doubles, column after column.
pub(crate) fn matrix<const N: usize>(name: &str, rows: &[[f64; N]]) -> Vec<u8> {
    let data: Vec<u8> =
        (0..N).flat_map(|column| rows.iter().flat_map(move |row| row[column].to_le_bytes())).collect();
    variable(name, 6, [rows.len(), N], 9, &data)
}

/// A row of characters.
pub(crate) fn text(name: &str, text: &str) -> Vec<u8> {
    let data: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    variable(name, 4, [1, text.len()], 4, &data)
}

/// Header and variables.
pub(crate) fn file(variables: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = format!("{:124}", "MATLAB 5.0 MAT-file, Platform: GLNXA64").into_bytes();
    bytes.extend([0x00, 0x01, b'I', b'M']);
    for variable in variables {
        bytes.extend_from_slice(variable);
    }
    bytes
}
